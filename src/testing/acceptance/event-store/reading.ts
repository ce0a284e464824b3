import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type {
  Applied,
  Batch,
  Entry,
  EventStore,
  Page,
  Receipt,
  Want,
} from '../../../contracts/index.ts'
import { type ErrorCode, RejoinError } from '../../../errors/index.ts'
import type { LogEvent, NewEvent, Origin } from '../../../event/index.ts'
import { sameEvent } from '../../../event/index.ts'
import { type Cursor, start } from '../../../version/index.ts'

export const plenty: Want = { count: 1_000, bytes: 1024 * 1024 }

/** A new event that says nothing in particular. */
export function note(aggregateId = 'a', data: unknown = {}, id?: string): NewEvent {
  return { type: 'noted', aggregateId, data, ...(id === undefined ? {} : { id }) }
}

export function notes(count: number, aggregateId = 'a'): NewEvent[] {
  return Array.from({ length: count }, (_, n) => note(aggregateId, { n }))
}

/** Appends what must succeed. */
export async function append(
  store: EventStore,
  ...events: readonly NewEvent[]
): Promise<readonly LogEvent[]> {
  const answer = await store.append(events)
  ok(answer.kind === 'appended')
  return answer.events
}

/** Takes in what a peer pushed or we pulled; default: pulled. */
export async function take(
  store: EventStore,
  via: Origin,
  changes: readonly LogEvent[],
  rest: Partial<Batch<LogEvent>> = {},
): Promise<readonly Receipt[]> {
  return receiptsOf(await store.apply({ via, role: 'pulled', changes, ...rest }))
}

export function receiptsOf(applied: Applied): readonly Receipt[] {
  ok(applied.kind === 'applied', 'the batch was answered with reset')
  return applied.receipts
}

export function kindsOf(receipts: readonly Receipt[]): readonly string[] {
  return receipts.map((receipt) => receipt.kind)
}

/** Why a change was rejected, and whether time may heal it. */
export function refusalIn(receipt: Receipt | undefined): readonly [string, boolean] {
  ok(receipt?.kind === 'rejected', `${receipt?.kind} instead of rejected`)
  return [receipt.reason, receipt.retryable]
}

/** One page that must not be a reset. */
export async function pageAfter(
  store: EventStore,
  after: Cursor,
  want: Partial<Want> = {},
): Promise<Page<LogEvent>> {
  const page = await store.changes(after, { ...plenty, ...want })
  ok(page.kind === 'page', 'a reset came where a page was expected')
  return page
}

/** Everything after a cursor, page by page. */
export async function changesOf(
  store: EventStore,
  want: Partial<Want> = {},
  after: Cursor = start,
): Promise<readonly LogEvent[]> {
  const changes: LogEvent[] = []
  for (let cursor = after; ; ) {
    const page = await pageAfter(store, cursor, want)
    changes.push(...page.changes)
    if (!page.more) return changes
    ok(page.cursor !== cursor, 'a page with more behind it must move its cursor')
    cursor = page.cursor
  }
}

export async function entriesOf(store: EventStore): Promise<readonly Entry[]> {
  const { entries, more } = await store.entries({
    count: 1_000_000,
    bytes: Number.MAX_SAFE_INTEGER,
  })
  ok(!more)
  return entries
}

export async function idsIn(store: EventStore): Promise<readonly string[]> {
  return idsOf((await entriesOf(store)).map((entry) => entry.event))
}

export function idsOf(events: readonly LogEvent[]): readonly string[] {
  return events.map((event) => event.id)
}

/** Everything of a store that a refused call must leave as it is. */
export async function snapshotOf(store: EventStore): Promise<object> {
  const entries = (await entriesOf(store)).map(({ position, event }) => [position, fieldsOf(event)])
  const { links, ...status } = await store.status()
  return { entries, status, links, identity: await store.identity() }
}

export function sameEvents(found: readonly LogEvent[], expected: readonly LogEvent[]): void {
  deepStrictEqual(idsOf(found), idsOf(expected))
  found.forEach((event, at) => {
    if (!sameEvent(event, expected[at] as LogEvent))
      deepStrictEqual(fieldsOf(event), fieldsOf(expected[at] as LogEvent))
  })
}

/** Rejects with a `RejoinError` of that code; answers with it. */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<RejoinError> {
  const error = await failureOf(call)
  ok(error instanceof RejoinError, `rejected with ${String(error)} instead of a RejoinError`)
  strictEqual(error.code, code, `${error.code}: ${error.message}`)
  return error
}

export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  ok('error' in outcome, 'it resolved where it had to reject')
  return outcome.error
}

function fieldsOf(event: LogEvent): object {
  return { ...event }
}

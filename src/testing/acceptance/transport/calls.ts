import { deepStrictEqual, ok } from 'node:assert/strict'
import type {
  EventStore,
  Page,
  PullWant,
  PushAnswer,
  PushBatch,
  Receipt,
  Transport,
} from '../../../contracts/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import type { EventId, LogEvent, Origin } from '../../../event/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import { writer } from '../event-store/elsewhere.ts'
import { failureOf } from '../event-store/reading.ts'
import type { TransportCapabilities } from './fixture.ts'

export const everything: PullWant = { count: 100_000, bytes: 2 ** 30 }

/** A cursor of the sender's log, as far as its n-th event. */
export function cursorAfter(n: number): Cursor {
  return (n === 0 ? start : `BBBBBBBBBBBBBBBB.${n}.`) as Cursor
}

/** A push of these events that covers the sender's log from its beginning. */
export function pushing(
  origin: Origin,
  changes: readonly LogEvent[],
  covers: Partial<Pick<PushBatch<LogEvent>, 'cursor' | 'expects'>> = {},
): PushBatch<LogEvent> {
  return { origin, changes, cursor: cursorAfter(changes.length), expects: start, ...covers }
}

/** Every change is there: stored just now, or before. */
export function allThere(answer: PushAnswer): void {
  const others = receiptsIn(answer).filter(({ kind }) => kind !== 'stored' && kind !== 'duplicate')
  deepStrictEqual(others, [])
}

export function receiptsIn(answer: PushAnswer): readonly Receipt[] {
  ok(answer.kind === 'applied', `the push was answered with ${answer.kind}`)
  return answer.receipts
}

/** One page that must not be a reset. */
export async function pageOf(
  transport: Transport<LogEvent>,
  after: Cursor = start,
  want: Partial<PullWant> = {},
): Promise<Page<LogEvent>> {
  const page = await transport.pull(after, { ...everything, ...want })
  ok(page.kind === 'page', `the pull was answered with ${page.kind}`)
  return page
}

/** All pages after a cursor, asked for as a link does: after a greeting. One with more behind it must move on. */
export async function pagesOf(
  transport: Transport<LogEvent>,
  want: Partial<PullWant> = {},
  after: Cursor = start,
): Promise<readonly Page<LogEvent>[]> {
  const pages: Page<LogEvent>[] = []
  await transport.hello({ origin: writer('puller').origin })
  for (let cursor = after; ; ) {
    const page = await pageOf(transport, cursor, want)
    pages.push(page)
    if (!page.more) return pages
    ok(page.cursor !== cursor, 'a page with more behind it must move its cursor')
    ok(pages.length < 10_000, 'the pages have no end')
    cursor = page.cursor
  }
}

export function eventsIn(pages: readonly Page<LogEvent>[]): readonly LogEvent[] {
  return pages.flatMap((page) => page.changes)
}

/** What a log holds, in its order: nothing else than `events`. */
export async function holdsJust(log: EventStore, events: readonly LogEvent[]): Promise<void> {
  const { entries } = await log.entries(everything)
  deepStrictEqual(
    entries.map((entry) => entry.event.id),
    events.map((event) => event.id),
  )
}

/** Rejects with a `RejoinError` that says whether waiting helps. */
export async function refusedAs(call: Promise<unknown>, retryable: boolean): Promise<RejoinError> {
  const error = await failureOf(call)
  ok(error instanceof RejoinError, `rejected with ${String(error)} instead of a RejoinError`)
  deepStrictEqual([error.code, error.retryable], [error.code, retryable])
  return error
}

/** A call of a transport that does something, and what the transport needs for it. */
export interface NamedCall {
  readonly name: string
  call(transport: Transport<LogEvent>, signal?: AbortSignal): Promise<unknown>
  readonly needs: readonly (keyof TransportCapabilities)[]
}

/** Every call there is. */
export function everyCall(): readonly NamedCall[] {
  const there = writer()
  const batch = pushing(there.origin, [there.write()])
  const want = { ...everything, ids: ['x' as EventId] }
  return [
    { name: 'hello', call: (to, signal) => to.hello({ origin: there.origin }, signal), needs: [] },
    { name: 'push', call: (to, signal) => to.push(batch, signal), needs: [] },
    { name: 'pull', call: (to, signal) => to.pull(start, everything, signal), needs: [] },
    { name: 'pull by ids', call: (to, signal) => to.pull(start, want, signal), needs: ['ids'] },
  ]
}

/** What the other end's log is asked in any call. */
export const asked = [
  'identity',
  'knowledge',
  'confirm',
  'changes',
  'entries',
  'fetch',
  'status',
  'apply',
  'append',
] as const

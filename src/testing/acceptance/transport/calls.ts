import { deepStrictEqual, ok } from 'node:assert/strict'
import type {
  EventStore,
  Page,
  PullWant,
  PushAnswer,
  PushBatch,
  Receipt,
  Replica,
  Transport,
} from '../../../contracts/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import type { EventId, Origin } from '../../../event/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import type { Asynchronous } from '../../doubles/script.ts'
import { failureOf } from '../event-store/reading.ts'
import type { TransportBench } from './bench.ts'
import type { TransportCapabilities } from './fixture.ts'
import type { Log, Moving } from './kind.ts'

export const everything: PullWant<never> = { count: 100_000, bytes: 2 ** 30 }

/** A cursor of the sender's log, as far as its n-th event. */
export function cursorAfter(n: number): Cursor {
  return (n === 0 ? start : `BBBBBBBBBBBBBBBB.${n}.`) as Cursor
}

/** A push of these events that covers the sender's log from its beginning. */
export function pushing<C>(
  origin: Origin,
  changes: readonly C[],
  covers: Partial<Pick<PushBatch<C>, 'cursor' | 'expects'>> = {},
): PushBatch<C> {
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
export async function pageOf<C>(
  transport: Transport<C>,
  after: Cursor = start,
  want: Partial<PullWant<C>> = {},
): Promise<Page<C>> {
  const page = await transport.pull(after, { ...everything, ...want })
  ok(page.kind === 'page', `the pull was answered with ${page.kind}`)
  return page
}

/** All pages after a cursor, asked for as a link does: after a greeting. One with more behind it must move on. */
export async function pagesOf<C>(
  transport: Transport<C>,
  want: Partial<PullWant<C>> = {},
  after: Cursor = start,
): Promise<readonly Page<C>[]> {
  const pages: Page<C>[] = []
  await transport.hello({ origin: puller })
  for (let cursor = after; ; ) {
    const page = await pageOf(transport, cursor, want)
    pages.push(page)
    if (!page.more) return pages
    ok(page.cursor !== cursor, 'a page with more behind it must move its cursor')
    ok(pages.length < 10_000, 'the pages have no end')
    cursor = page.cursor
  }
}

export function changesIn<C>(pages: readonly Page<C>[]): readonly C[] {
  return pages.flatMap((page) => page.changes)
}

/** All that a link would carry from a log, in its order. */
export async function changesOf<C>(log: Replica<C>): Promise<readonly C[]> {
  const page = await log.changes(start, everything)
  ok(page.kind === 'page' && !page.more)
  return page.changes
}

/** What a log holds, in its order: nothing else than these. */
export async function holdsJust(log: Log, changes: readonly Moving[]): Promise<void> {
  deepStrictEqual(idsOf(await changesOf(log)), idsOf(changes))
}

export function idsOf(changes: readonly Pick<Moving, 'id'>[]): readonly EventId[] {
  return changes.map(({ id }) => id)
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
  call(bench: Writing, transport: Transport<Moving>, signal?: AbortSignal): Promise<unknown>
  readonly needs: readonly (keyof TransportCapabilities)[]
}

type Writing = Pick<TransportBench, 'writer'>

/** Every call there is. */
export function everyCall(): readonly NamedCall[] {
  const batch = ({ writer }: Writing) => {
    const there = writer()
    return pushing(there.origin, [there.write()])
  }
  const want = { ...everything, ids: ['x' as EventId] }
  return [
    { name: 'hello', call: (_, to, signal) => to.hello({ origin: puller }, signal), needs: [] },
    { name: 'push', call: (bench, to, signal) => to.push(batch(bench), signal), needs: [] },
    { name: 'pull', call: (_, to, signal) => to.pull(start, everything, signal), needs: [] },
    { name: 'pull by ids', call: (_, to, signal) => to.pull(start, want, signal), needs: ['ids'] },
  ]
}

const puller = 'puller~0123456789abcdef' as Origin

/** What the other end is asked in any call. A log has more of it than a storage of state. */
export const asked = methods(
  'identity',
  'knowledge',
  'confirm',
  'changes',
  'entries',
  'fetch',
  'status',
  'apply',
  'append',
)
/** What a page is read with, there. */
export const readings = methods('changes', 'entries')
/** What a push is taken in with, there. */
export const takings = methods('apply', 'append')

function methods(...names: readonly Asynchronous<EventStore>[]): readonly Asynchronous<Log>[] {
  return names as readonly Asynchronous<Log>[]
}

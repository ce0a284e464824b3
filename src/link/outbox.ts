import type { Replica } from '../contracts/index.ts'
import type { Filter, LinkId } from '../event/index.ts'
import { type Cursor, start, underFilter } from '../version/index.ts'
import type { Change } from './change.ts'
import type { Scanned } from './scanned.ts'

/** How much of a log its remote has not confirmed. */
export interface Unsent {
  /** Changes; parked ones are not among them. */
  readonly count: number
  /** There are more: counting ends at a thousand or so. */
  readonly more: boolean
}

export interface Outbox<C extends Change> {
  readonly replica: Replica<C>
  /** `none`: the remote was never reached, and all of the log is for it. */
  readonly peer: LinkId | 'none'
  readonly filter: Filter<C> | undefined
  /** Absent: nobody has looked. */
  readonly scanned?: Scanned
}

/** What follows the push checkpoint and did not come over the link. */
export async function countUnsent<C extends Change>(
  outbox: Outbox<C>,
  signal?: AbortSignal,
  most = mostCounted,
): Promise<Unsent> {
  const { replica, peer, filter } = outbox
  const of = { ...(peer !== 'none' && { notVia: peer }), ...(filter && { filter }) }
  let after = await passed(outbox, signal)
  let count = 0
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await replica.changes(after, { count: most, bytes: mostBytes, ...of }, signal)
    // The checkpoint is of another log: how much of this one is there, nobody can say.
    if (page.kind === 'reset') return { count, more: true }
    count += page.changes.length
    if (!page.more) return { count, more: false }
    if (count >= most) break
    after = page.cursor
  }
  return { count, more: true }
}

/** Yields when there is something to push, until the signal aborts or the log closes. */
export async function* outboxFills<C extends Change>(
  outbox: Outbox<C>,
  signal: AbortSignal,
): AsyncGenerator<void, void> {
  const commits = outbox.replica.watch(signal)[Symbol.asyncIterator]()
  for (;;) {
    // Before the log is read: what is committed from here on wakes this up.
    const woken = commits.next()
    woken.catch(() => {}) // seen when it is awaited
    const { count, more } = await countUnsent(outbox, signal, 1)
    if (count > 0 || more) yield
    if ((await woken).done) return
  }
}

/** Up to where there is nothing to push. */
async function passed<C extends Change>(
  { replica, peer, filter, scanned }: Outbox<C>,
  signal: AbortSignal | undefined,
): Promise<Cursor> {
  if (peer === 'none') return start
  const { generation, pushed } = await replica.link(peer, signal)
  const after = underFilter(pushed, filter?.fingerprint ?? '')
  return scanned?.after(generation, after) ?? after
}

const mostCounted = 1_000
const mostPages = 20
const mostBytes = 1024 * 1024

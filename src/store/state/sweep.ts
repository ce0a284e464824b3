import type { Collection, Sweep, Swept } from '../../contracts/index.ts'
import { type Position, start } from '../../version/index.ts'
import { limitsOf } from '../log/index.ts'
import { collect } from './commit.ts'
import type { StateContext } from './context.ts'
import type { FeedEnd } from './tables.ts'

/** As `StateStorage.sweep`. */
export function sweep(context: StateContext, what: Sweep): Swept {
  const by = due(context, what)
  let dropped = 0
  for (const one of by) dropped += collect(context, one, mostAtOnce - dropped)
  return { dropped, more: dropped === mostAtOnce, by }
}

/**
 * A tombstone may come late, from a member that was away, and is new to all others then: what counts for the
 * horizon is how long it has stood here, not when the delete was. One that is ahead of the clock stays: all that is
 * written in its list would be late until its time has come (T5).
 */
function due(context: StateContext, { minimumAge, horizon }: Sweep): readonly Collection[] {
  const { tables, runtime } = context
  const now = runtime.now()
  const ends = noted(tables.ends, { at: now, position: tables.meta.position }, horizon)
  if (ends !== tables.ends) tables.setEnds(ends)
  let passed = knowsAll(context) ? tables.meta.position : none
  for (const { upTo } of limitsOf(context, horizon)) if (upTo < passed) passed = upTo
  const old = ends.findLast(({ at }) => at <= now - horizon)?.position ?? none
  return [
    { before: BigInt(now - minimumAge) * nanoseconds, upTo: passed },
    { before: BigInt(now) * nanoseconds, upTo: old },
  ]
}

/**
 * Whether all who may bring something are known here. Who reads from others knows some members only: another one, that
 * was away, may bring to those others, who wait for it, what was written before a delete in its list, and that must
 * not be too late here. And of a link that has begun and got no answer nobody knows what has arrived over there.
 */
function knowsAll({ tables }: StateContext): boolean {
  if (tables.meta.reads) return false
  for (const [id, { pushed, received }] of tables.links())
    if (pushed === start && received === start && tables.reader(id) === undefined) return false
  return true
}

/** One for every few hours, and none older than is asked for. A clock that was set back begins anew. */
function noted(ends: readonly FeedEnd[], now: FeedEnd, horizon: number): readonly FeedEnd[] {
  const last = ends.at(-1)
  if (last !== undefined && last.at <= now.at && now.at - last.at < horizon / notes) return ends
  const known = ends.filter(({ at }) => at <= now.at)
  const past = known.findLastIndex(({ at }) => at <= now.at - horizon)
  return [...known.slice(Math.max(0, past)), now]
}

const none = 0n as Position
const nanoseconds = 1_000_000n
/** Of a horizon. */
const notes = 60
/** Some 50 ms of work. */
const mostAtOnce = 5_000

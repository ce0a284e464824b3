import {
  type LateWrite,
  listOf,
  type StateChange,
  type StatePolicy,
  timeOf,
} from '../../contracts/index.ts'
import type { Position } from '../../version/index.ts'
import type { StateContext } from './context.ts'

/*
 * A write from elsewhere on an absent path, no newer than a delete in its list whose tombstone is gone:
 *
 *     it ──▶ journal, to be restored or forgotten
 *      └───▶ a tombstone of its own time ──▶ the feed ──▶ whoever still has it
 *
 * At equal times a delete stands over a write, so that this tombstone takes out just this version, on every
 * replica and without a receipt of its own; whatever is newer stays.
 */

/** Whether there was a delete in its list, as late or later, that is forgotten by now. */
export function isForgotten({ tables }: StateContext, change: StateChange): boolean {
  return tables.meta.horizon > 0n && timeOf(change) <= tables.collected(listOf(change.path))
}

/**
 * Whether nobody can tell any more if it was deleted. A tombstone that is as old may be one of those that were put
 * in the place of others.
 */
export function isLate(
  context: StateContext,
  held: StateChange | undefined,
  change: StateChange,
): boolean {
  if (change.dataText === null || !isForgotten(context, change)) return false
  return held === undefined || (held.dataText === null && timeOf(held) < timeOf(change))
}

/** What is put in its place. */
export function graveOf(change: StateChange, policy: StatePolicy): StateChange {
  const { path } = change
  const grave = { path, created: 0n, updated: timeOf(change), dataText: null, note: '' }
  return policy.write?.(change, grave) ?? grave
}

/** Whether another one fits in. */
export function hasRoom({ tables }: StateContext, more: number): boolean {
  return tables.lateCount() + BigInt(more) < mostLate
}

export function lateIn(
  { tables }: StateContext,
  { after = 0n as Position, count = 1_000 },
): readonly LateWrite[] {
  return tables.late(after, count)
}

export function forgetLate({ tables }: StateContext, positions: readonly Position[]): number {
  return positions.filter((position) => tables.forgetLate(position)).length
}

/** Beyond that nothing is buried: it stays where it is, and is refused. */
const mostLate = 100_000n

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

/** What of one batch is late. What the tables know of lists, and how much room is left, is asked for once. */
export class LateChanges {
  readonly list: StateChange[] = []
  readonly #tables: StateContext['tables']
  readonly #collected = new Map<string, bigint>()
  #room: bigint | undefined

  constructor({ tables }: StateContext) {
    this.#tables = tables
  }

  /** Whether there was a delete in its list, as late or later, that is forgotten by now. */
  isForgotten(change: StateChange): boolean {
    return timeOf(change) <= this.forgotten(change.path)
  }

  /** The greatest time of a delete in its list that is forgotten by now; -1 for none. */
  forgotten(path: string): bigint {
    if (this.#tables.meta.horizon === 0n) return -1n
    const list = listOf(path)
    const collected = this.#collected.get(list) ?? this.#tables.collected(list)
    this.#collected.set(list, collected)
    return collected
  }

  /**
   * Whether nobody can tell any more if it was deleted. A tombstone that is as old may be one of those that were
   * put in the place of others.
   */
  isLate(held: StateChange | undefined, change: StateChange): boolean {
    if (change.dataText === null || !this.isForgotten(change)) return false
    return held === undefined || (held.dataText === null && timeOf(held) < timeOf(change))
  }

  /** `false`, and it is not taken in, when too many are kept. */
  add(change: StateChange): boolean {
    this.#room ??= mostLate - this.#tables.lateCount()
    if (BigInt(this.list.length) >= this.#room) return false
    this.list.push(change)
    return true
  }
}

/** What is put in its place. */
export function graveOf(change: StateChange, policy: StatePolicy): StateChange {
  const { path } = change
  const grave = { path, created: 0n, updated: timeOf(change), dataText: null, note: '' }
  return policy.write?.(change, grave) ?? grave
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

import type { Conflict, Resolution } from '../contracts/index.ts'
import type { EventId, Origin } from '../event/index.ts'
import type { ResolvedConflict } from './effective-history.ts'
import { anchorOf } from './snapshots.ts'

/**
 * A conflict as the journal shows it: plain data, equal byte for byte on every node that has the same events
 * and rules. It says which events, never what is in them.
 */
export interface ConflictRecord {
  readonly aggregateId: string
  /** The scope within the aggregate: what `conflictKey` says of its events; `rejoin.snapshot` beside one. */
  readonly key: string
  /** When its last event was written, or the snapshot that it is beside: milliseconds since 1970. */
  readonly at: number
  /** In the order of their last events. */
  readonly branches: readonly BranchRecord[]
  /**
   * `keep`: what the branches in `winners` wrote counts. `merge`: what all wrote was merged. `review`: all counts
   * until a person has decided.
   */
  readonly outcome: Resolution['kind']
  /** Indexes of `branches`; none for a merge and for a review. */
  readonly winners: readonly number[]
  /** The rule that chose the resolver; `null`: the fallback. */
  readonly rule: string | null
  readonly resolver: string
  /** For people to read. */
  readonly reasons: readonly string[]
  /** The events that don't count because of it. */
  readonly superseded: readonly EventId[]
  /** Nobody has written on top of all branches yet. A review that is open waits for a person. */
  readonly open: boolean
  /** Who did; `null` while it is open. */
  readonly settledBy: EventId | null
}

export interface BranchRecord {
  /** The last of its events. */
  readonly head: EventId
  /** In effective order, without those that a branch before it has as well. */
  readonly events: readonly BranchEvent[]
}

export interface BranchEvent {
  readonly id: EventId
  readonly type: string
  readonly origin: Origin | null
  /** Nanoseconds since 1970, in decimal. */
  readonly stamp: string
}

export function recordOf(resolved: ResolvedConflict): ConflictRecord {
  const { conflict, resolution, rule = null, resolver, superseded, settledBy = null } = resolved
  return {
    aggregateId: conflict.aggregateId,
    key: conflict.key,
    at: Number(anchorOf(conflict).stamp / 1_000_000n),
    branches: branchesOf(conflict),
    outcome: resolution.kind,
    winners: resolution.kind === 'keep' ? resolution.winners : [],
    rule,
    resolver,
    reasons: resolution.kind === 'review' ? [resolution.reason] : (resolution.reasons ?? []),
    superseded,
    open: settledBy === null,
    settledBy,
  }
}

/** Each event of the conflict once: branches may share long stories. */
function branchesOf({ branches, events }: Conflict): readonly BranchRecord[] {
  const listed = new Set<EventId>()
  const isFlat = events.length === branches.length
  return branches.map((branch) => {
    const own = (isFlat ? [branch.head] : branch.events).filter(({ id }) => !listed.has(id))
    for (const { id } of own) listed.add(id)
    const shown = own.map(({ id, type, origin, stamp }) => ({
      id,
      type,
      origin,
      stamp: `${stamp}`,
    }))
    return { head: branch.head.id, events: shown }
  })
}

import type { Conflict, EffectiveEvent } from '../contracts/index.ts'
import { type EventId, isSnapshot, type LogEvent, snapshotType } from '../event/index.ts'
import { AggregateCausality } from './causality/causality.ts'
import { distinct } from './causality/distinct.ts'
import { effectiveOrder } from './causality/effective-order.ts'
import { conflictOf } from './find-conflicts.ts'
import { ScopeHistory } from './scope-history.ts'

/** What snapshots change about the meaning of one aggregate. */
export interface Snapshots {
  /** Those that no other covers, in effective order: the history begins with them. */
  readonly first: readonly LogEvent[]
  /** Events that a snapshot stands for: its ancestors. */
  readonly covered: ReadonlySet<EventId>
  /** What was written beside the snapshots, and the snapshots; absent when nothing was. */
  readonly conflict: Conflict | undefined
}

export function snapshotsOf(causality: AggregateCausality): Snapshots {
  const { order, chains } = causality
  const places = order.flatMap((event, place) => (isSnapshot(event) ? [place] : []))
  const { chain, rank } = chains
  const reach = [...chains.reachOfAny(places)]
  for (const place of places) {
    const own = chain[place] as number
    reach[own] = Math.max(reach[own] ?? 0, (rank[place] as number) - 1)
  }
  const isCovered = (place: number) =>
    (rank[place] as number) <= (reach[chain[place] as number] ?? 0)
  const covered = new Set<EventId>()
  for (const [place, { id }] of order.entries()) if (isCovered(place)) covered.add(id)
  const maximal = places.filter((place) => !isCovered(place))
  const isBeside = (place: number) =>
    order[place]?.stub === null &&
    order[place].origin !== null &&
    !isCovered(place) &&
    maximal.some((snapshot) => snapshot !== place && !chains.isBefore(snapshot, place))
  // Two snapshots are each other's neighbours, so whatever is beside one of them is in one conflict.
  const beside = [...order.keys()].filter(isBeside)
  const members = [...new Set([...maximal, ...beside])].sort((one, other) => one - other)
  return {
    first: maximal.map((place) => order[place] as LogEvent),
    covered,
    conflict:
      members.length > 1
        ? conflictOf(snapshotType, members, causality, new ScopeHistory())
        : undefined,
  }
}

/** Leaves out what snapshots stand for, and snapshots that have no causality yet to stand for anything. */
export function cut(
  { covered }: Snapshots,
  aggregate: readonly LogEvent[],
  changes: Map<EventId, EffectiveEvent | undefined>,
): void {
  for (const { id, type, origin } of aggregate)
    if (covered.has(id) || (type === snapshotType && origin === null)) changes.set(id, undefined)
}

/** Each aggregate with its snapshots first, in the places that its events have among all. */
export function beginning(
  entries: readonly EffectiveEvent[],
  snapshots: ReadonlySet<LogEvent>,
): readonly EffectiveEvent[] {
  if (snapshots.size === 0) return entries
  const queues = new Map<string, EffectiveEvent[]>()
  const isFirst = ({ event }: EffectiveEvent) => snapshots.has(event)
  for (const [aggregateId, own] of Map.groupBy(entries, ({ event }) => event.aggregateId))
    queues.set(
      aggregateId,
      [...own.filter(isFirst), ...own.filter((one) => !isFirst(one))].reverse(),
    )
  return entries.map(({ event }) => queues.get(event.aggregateId)?.pop() as EffectiveEvent)
}

/** The events of one aggregate that a snapshot among them stands for: they are folded, not left out. */
export function coveredBySnapshots(events: readonly LogEvent[]): ReadonlySet<EventId> {
  if (!events.some(isSnapshot)) return none
  return snapshotsOf(new AggregateCausality(effectiveOrder(distinct(events)))).covered
}

/** The last snapshot in a conflict; absent in those of a scope, where no snapshot is. */
export function snapshotIn({ events }: Conflict): LogEvent | undefined {
  return events.findLast(isSnapshot)
}

/** The event whose place in time is the conflict's: no other conflict has the same. */
export function anchorOf(conflict: Conflict): LogEvent {
  return snapshotIn(conflict) ?? (conflict.events.at(-1) as LogEvent)
}

const none: ReadonlySet<EventId> = new Set()

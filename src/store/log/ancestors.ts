import { type EventId, isSnapshot, type LogEvent } from '../../event/index.ts'

/** What is needed of an event to know what a snapshot covers. */
export type Linked = Pick<LogEvent, 'id' | 'parents'>

/** All that is reachable through parents from events among `known`, without themselves unless another leads there. */
export function ancestorsOf(
  events: Iterable<Linked>,
  known: ReadonlyMap<EventId, Linked>,
): Set<EventId> {
  const found = new Set<EventId>()
  const left = [...events]
  for (let event = left.pop(); event !== undefined; event = left.pop())
    for (const id of event.parents) {
      const parent = known.get(id)
      if (parent === undefined || found.has(id)) continue
      found.add(id)
      left.push(parent)
    }
  return found
}

/**
 * A compacted event of one aggregate that would be in no snapshot any more, if these lost their content; `undefined`
 * when there is none.
 */
export function strandedWithout(
  erased: ReadonlySet<EventId>,
  events: readonly LogEvent[],
): EventId | undefined {
  const known = new Map(events.map((event) => [event.id, event]))
  const snapshots = events.filter((event) => isSnapshot(event) && !erased.has(event.id))
  const covered = ancestorsOf(snapshots, known)
  return events.find(({ id, stub }) => stub === 'compacted' && !erased.has(id) && !covered.has(id))
    ?.id
}

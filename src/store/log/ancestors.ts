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
 * An event of one aggregate that a snapshot stands for now, and none would if these lost their content; `undefined`
 * when there is none. Its own content may be gone, here or on another replica.
 */
export function strandedWithout(
  erased: ReadonlySet<EventId>,
  events: readonly LogEvent[],
): EventId | undefined {
  const known = new Map(events.map((event) => [event.id, event]))
  const snapshots = events.filter(isSnapshot)
  const left = ancestorsOf(
    snapshots.filter(({ id }) => !erased.has(id)),
    known,
  )
  for (const id of ancestorsOf(snapshots, known))
    if (!left.has(id) && !erased.has(id) && known.get(id)?.stub !== 'erased') return id
  return undefined
}

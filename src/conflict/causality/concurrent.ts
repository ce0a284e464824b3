import type { EventId, LogEvent } from '../../event/index.ts'

/** Looks an event up, a stub like any other. `undefined`: it is not here. */
export type Lookup = (id: EventId) => LogEvent | undefined

/**
 * Whether two events of one aggregate were written without knowledge of each other, found by walking back
 * from the later one. It looks only at events stamped after the earlier one, because writers stamp above what
 * they build on: the time goes with what was written since, not with the history. For many questions about
 * one aggregate build its `causalityOf` once.
 */
export function concurrent(one: LogEvent, other: LogEvent, eventOf: Lookup): boolean {
  if (one.id === other.id || one.aggregateId !== other.aggregateId) return false
  if (one.origin === null || other.origin === null) return false
  return one.stamp < other.stamp
    ? !isReachable(one, other, eventOf)
    : !isReachable(other, one, eventOf)
}

function isReachable(target: LogEvent, from: LogEvent, eventOf: Lookup): boolean {
  const seen = new Set<EventId>()
  const left = [from]
  for (let event = left.pop(); event !== undefined; event = left.pop()) {
    for (const parent of event.parents) {
      if (parent === target.id) return true
      if (seen.has(parent)) continue
      seen.add(parent)
      const found = eventOf(parent)
      if (found !== undefined && found.stamp > target.stamp) left.push(found)
    }
  }
  return false
}

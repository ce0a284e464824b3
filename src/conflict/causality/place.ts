import type { EventId, LogEvent } from '../../event/index.ts'

/** Which of two events comes first where causality leaves it open: by stamp, then origin, then id. */
export function comparePlaces(one: LogEvent, other: LogEvent): number {
  if (one.stamp !== other.stamp) return one.stamp < other.stamp ? -1 : 1
  const origin = one.origin ?? ''
  const otherOrigin = other.origin ?? ''
  if (origin !== otherOrigin) return origin < otherOrigin ? -1 : 1
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0
}

/** Where each event stands in a list. */
export function placesIn(order: readonly LogEvent[]): ReadonlyMap<EventId, number> {
  const places = new Map<EventId, number>()
  for (const [place, { id }] of order.entries()) places.set(id, place)
  return places
}

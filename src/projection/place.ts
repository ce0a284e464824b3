import type { EffectiveEvent } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { compareTexts } from './text-order.ts'

/**
 * Where an event stands in effective order, as a text that orders as it does, also among the events of
 * several aggregates: stamp, origin, id.
 */
export type Place = string

/** The place of an event that stands behind nothing with a greater stamp, as nearly all do. */
export function ownPlace({ stamp, origin, id }: Pick<LogEvent, 'stamp' | 'origin' | 'id'>): Place {
  return `${String(stamp).padStart(19, '0')}${origin ?? ''}\t${id}`
}

/**
 * The places of one aggregate's effective events. An event that stands behind a greater one, because it
 * descends from it, comes right after that: so they come out of a merge of all aggregates, each in its own
 * order, by stamp, origin and id.
 */
export function placesOf(history: readonly EffectiveEvent[]): readonly Place[] {
  let greatest: Place = ''
  let behind = 0
  return history.map(({ event }) => {
    const own = ownPlace(event)
    if (compareTexts(own, greatest) > 0) {
      greatest = own
      behind = 0
      return own
    }
    behind++
    return `${greatest}\t${String(behind).padStart(8, '0')}`
  })
}

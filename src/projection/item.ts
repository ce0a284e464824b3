import type { EffectiveEvent } from '../contracts/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import type { Position } from '../version/index.ts'
import type { Place } from './place.ts'
import type { FoldedEvent } from './projection-options.ts'

/** An event on its way into a fold. */
export interface Item {
  readonly place: Place
  readonly event: FoldedEvent
  /** Type and data, where they are not the event's own. */
  readonly altered?: string
  /** In the log, what comes after it in effective order stands behind this position. */
  readonly since?: Position
}

export function itemOf(entry: EffectiveEvent, place: Place): Item {
  const { event, type } = entry
  if (type === event.type && entry.data === event.data) return { place, event }
  const altered = JSON.stringify([type, entry.data])
  return { place, event: alteredEvent(event, altered), altered }
}

/** The event as a fold sees it that was kept with this `altered`. */
export function alteredEvent(event: LogEvent, altered: string): FoldedEvent {
  const [type, data] = JSON.parse(altered) as [string, unknown]
  const { id, origin, stamp, parents, aggregateId, schemaVersion } = event
  return {
    id,
    origin,
    stamp,
    parents,
    aggregateId,
    schemaVersion,
    type,
    data,
    get metadata() {
      return event.metadata
    },
  }
}

/** What is kept of an item in its key's list. */
export interface Member {
  readonly id: EventId
  readonly altered?: string
}

export function memberText({ event, altered }: Item): string {
  return JSON.stringify({ id: event.id, altered })
}

/** Where an event was put: its key, its place, and what was altered about it. */
export type Put = readonly [key: string, place: Place, digest: string]

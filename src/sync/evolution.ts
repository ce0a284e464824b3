import { RejoinError } from '../errors/index.ts'
import {
  currentEvent,
  type LogEvent,
  type NewEvent,
  type Upcaster,
  type UpcastStep,
  upcasterOf,
} from '../event/index.ts'
import { at } from './where.ts'

/** How a node's events go from one schema version to the next: what it appends, and what it reads. */
export interface Evolution {
  /** New events with their type's current schema version, unless they name another. Throws `invalid_event`. */
  written(events: readonly NewEvent[]): readonly NewEvent[]
  /** An event as applications read it. */
  read(event: LogEvent): LogEvent
}

/** Without upcasters a node has no idea of schema versions: all pass as they are. */
export function evolutionOf(upcasters: object | undefined): Evolution {
  if (upcasters === undefined) return { written: unchanged, read: unchanged }
  const steps = upcasters as Readonly<Record<string, readonly UpcastStep[]>>
  const upcaster = upcasterOf(steps, at('new SyncNode'))
  return {
    // What is no list, or no event, the store refuses in its own words.
    written: (events) =>
      Array.isArray(events)
        ? Array.from(events, (event, index) => versioned(event, index, upcaster))
        : events,
    read: (event) => currentEvent(event, upcaster.upcast, upcaster.current(event.type)),
  }
}

/** Whoever decides on a history that it can't wholly understand would decide wrongly. */
export function checkUnderstood(history: readonly LogEvent[]): void {
  const newer = history.find((event) => event.newer)
  if (newer === undefined) return
  const { id, type, schemaVersion: version } = newer
  const message = `event ${id} ("${type}") is of schema version ${version}, newer than this code`
  throw new RejoinError('event_newer', message, { ...at('decide'), details: { id, type, version } })
}

function versioned(event: NewEvent, index: number, upcaster: Upcaster): NewEvent {
  const type: unknown = event?.type
  if (typeof type !== 'string') return event
  const schemaVersion = upcaster.current(type)
  const given = event.schemaVersion
  if (given === undefined) return schemaVersion === 1 ? event : { ...event, schemaVersion }
  if (!(given > schemaVersion)) return event
  const message = `event ${index} ("${type}"): schema version ${given} is beyond ${schemaVersion}, the current one of its upcasters`
  throw new RejoinError('invalid_event', message, {
    ...at('append'),
    details: { index, type, field: 'schemaVersion' },
  })
}

function unchanged<T>(one: T): T {
  return one
}

import { fields, type Known, type Where, wholeNumber } from '../errors/check.ts'

/** What one event may be. Every entrance holds to it; the sizes are bytes of UTF-8. */
export interface EventLimits {
  /** An event's payload and metadata together. At most 4 MiB. */
  readonly eventBytes: number
  /** Id, type, aggregate id, each. */
  readonly idBytes: number
  /** Nesting of payload and metadata. */
  readonly jsonDepth: number
}

export const defaultEventLimits: EventLimits = {
  eventBytes: 1024 * 1024,
  idBytes: 255,
  jsonDepth: 128,
}

/**
 * The defaults with what was given; throws `invalid_argument` naming a limit that is no whole number within
 * what every part of Rejoin can handle.
 */
export function eventLimitsOf(
  given: Partial<EventLimits> = {},
  where: Where,
  name = 'limits',
): EventLimits {
  const limits = fields(name, given, where, eventLimitNames)
  const checked = (key: keyof EventLimits) =>
    wholeNumber(`${name}.${key}`, limits[key] ?? defaultEventLimits[key], where, {
      from: 1,
      to: largest[key],
    })
  return {
    eventBytes: checked('eventBytes'),
    idBytes: checked('idBytes'),
    jsonDepth: checked('jsonDepth'),
  }
}

const largest: EventLimits = { eventBytes: 4 * 1024 * 1024, idBytes: 4096, jsonDepth: 1000 }

const eventLimitNames: Known<EventLimits> = { eventBytes: true, idBytes: true, jsonDepth: true }

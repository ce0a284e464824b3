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

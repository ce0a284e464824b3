import type { LogEvent, NewEvent } from '../event/index.ts'

/** An application's events: payload types by event type. */
export type EventMap = Readonly<Record<string, unknown>>

/** What may be appended: `data` follows from `type`. */
export type NewEventOf<Events extends EventMap> = {
  readonly [Type in keyof Events & string]: NewEvent<Type, Events[Type]>
}[keyof Events & string]

/** What comes back: `data` follows from `type`. */
export type EventOf<Events extends EventMap> = {
  readonly [Type in keyof Events & string]: LogEvent<Type, Events[Type]>
}[keyof Events & string]

import type { EffectiveEvent } from '../contracts/index.ts'
import type { LogEvent, NewEvent } from '../event/index.ts'

/** An application's events: payload types by event type, as a type or an interface. */
export type EventMap = object
/** Any event type, any payload. */
export type AnyEvents = Readonly<Record<string, unknown>>

/** What may be appended: `data` follows from `type`. */
export type NewEventOf<Events extends EventMap> = {
  readonly [Type in keyof Events & string]: NewEvent<Type, Events[Type]>
}[keyof Events & string]

/** What comes back: `data` follows from `type`. */
export type EventOf<Events extends EventMap> = {
  readonly [Type in keyof Events & string]: LogEvent<Type, Events[Type]>
}[keyof Events & string]

/** What counts: `data` follows from `type`, if rules that merge give data of the same form. */
export type EffectiveEventOf<Events extends EventMap> = {
  readonly [Type in keyof Events & string]: EffectiveEvent<Type, Events[Type]>
}[keyof Events & string]

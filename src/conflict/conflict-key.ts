import type { LogEvent } from '../event/index.ts'

/**
 * The scope of an event within its aggregate: only events of one scope conflict. `undefined`: in none, it
 * never conflicts. Must be pure.
 */
export type ConflictKey = (event: LogEvent) => string | undefined

/** The default: events of one type conflict. */
export const byType: ConflictKey = (event) => event.type

/** Any two concurrent events of an aggregate conflict. */
export const byAggregate: ConflictKey = () => ''

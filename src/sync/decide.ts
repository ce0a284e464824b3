import type { EventId } from '../event/index.ts'
import type { EventMap, EventOf, NewEventOf } from './typed-events.ts'

/**
 * Decides what happens next from what has happened: a pure function, called again when somebody else
 * appended in between. No events: nothing to do. `signal` is the one given to `decide`, for a decider that
 * waits for something.
 */
export type Decider<Events extends EventMap> = (
  history: readonly EventOf<Events>[],
  options: { readonly signal?: AbortSignal },
) => readonly NewEventOf<Events>[] | Promise<readonly NewEventOf<Events>[]>

/** What was decided, after how many tries, and the heads it was decided on. */
export interface Decision<Events extends EventMap> {
  readonly events: readonly EventOf<Events>[]
  readonly heads: readonly EventId[]
  readonly tries: number
}

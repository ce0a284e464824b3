import type { Appended, AppendOptions, Stale } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId } from '../event/index.ts'
import { checkDecision } from './check-node.ts'
import { checkUnderstood } from './evolution.ts'
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

/** What deciding needs of a node. */
export interface Decidable<Events extends EventMap> {
  heads(aggregateId: string, options: Reading): Promise<readonly EventId[]>
  append(
    events: readonly NewEventOf<Events>[],
    options: AppendOptions,
  ): Promise<(Omit<Appended, 'events'> & { events: readonly EventOf<Events>[] }) | Stale>
}

/** One aggregate's events as a decider is given them. */
export type DecidedHistory<Events extends EventMap> = () => Promise<readonly EventOf<Events>[]>

/** See `SyncNode.decide`. */
export async function decideOn<Events extends EventMap>(
  node: Decidable<Events>,
  aggregateId: string,
  load: DecidedHistory<Events>,
  decider: Decider<Events>,
  reading: Reading,
): Promise<Decision<Events>> {
  for (let tries = 1; tries <= mostTries; tries++) {
    // Heads first: what is appended while the history is read makes the append stale, never wrong.
    const heads = await node.heads(aggregateId, reading)
    const history = await load()
    checkUnderstood(history)
    const events = await decider(history, reading)
    checkDecision(events, aggregateId)
    if (events.length === 0) return { events: [], heads, tries }
    const expected = heads.length === 0 ? 'none' : heads
    const answer = await node.append(events, { expected, ...reading })
    if (answer.kind === 'appended') return { events: answer.events, heads, tries }
  }
  throw new RejoinError('unsettled', `others kept appending to ${aggregateId}`, {
    operation: 'decide',
    component: 'sync',
    details: { aggregateId, tries: mostTries },
  })
}

interface Reading {
  readonly signal?: AbortSignal
}

const mostTries = 10

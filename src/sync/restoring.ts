import { coveredBySnapshots, type EffectiveHistory } from '../conflict/index.ts'
import type { EventStore } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { type EventId, isSnapshot, type LogEvent, stubOf } from '../event/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { versionKey } from '../store/versioned/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { Meaning } from './meaning.ts'
import { at } from './where.ts'

/** In the metadata of an event that brings another one back: the id of that one. */
export const restoresKey = 'rejoin.restores'

export interface Restoring {
  readonly store: EventStore
  readonly meaning: Meaning
  readonly runtime: Pick<Runtime, 'sha256'>
}

/**
 * Appends what a superseded event says once more, on top of all its aggregate's heads; or finds that this was
 * done already. See `SyncNode.restore`.
 */
export async function restoreEvent(
  eventId: string,
  { store, meaning, runtime }: Restoring,
  signal: AbortSignal | undefined,
): Promise<LogEvent> {
  const [lost] = await store.fetch([eventId as EventId], signal)
  if (lost === undefined) throw refusal(eventId, 'is not here')
  if (lost.stub !== null) throw refusal(eventId, `can't be restored: its content is ${lost.stub}`)
  const { aggregateId } = lost
  for (let tries = 1; tries <= mostTries; tries++) {
    // Heads first: what is appended while the history is read makes the append stale, never wrong.
    const heads = await store.heads(aggregateId, signal)
    const all = await aggregateEvents(store, aggregateId, signal)
    const { events, conflicts } = historyFor(lost, all, meaning)
    if (!conflicts.some(({ superseded }) => superseded.includes(lost.id)))
      throw refusal(eventId, "counts as it is: no conflict's resolution has left it out")
    const done = events.find(({ event }) => event.metadata[restoresKey] === lost.id)
    if (done !== undefined) return done.event
    // A version of its own, if the store gives versions: it stands on top of what won.
    const { [versionKey]: _, ...metadata } = lost.metadata
    const { origin } = await store.identity(signal)
    const again = {
      // Of this node, on these heads: a repeat after a crash finds it, and no other node writes the same id.
      id: `restored-${runtime.sha256(JSON.stringify([lost.id, origin, heads]))}`,
      type: lost.type,
      aggregateId,
      dataText: lost.dataText,
      schemaVersion: lost.schemaVersion,
      metadata: { ...metadata, [restoresKey]: lost.id },
    }
    const options = signal === undefined ? {} : { signal }
    const answer = await store.append([again], { ...options, expected: heads })
    if (answer.kind === 'appended') return meaning.read(answer.events[0] as LogEvent)
  }
  throw new RejoinError('unsettled', `others kept appending to ${aggregateId}`, {
    ...at('restore'),
    details: { aggregateId, tries: mostTries },
  })
}

/** What a snapshot covers is told as it was before there were snapshots: it was left out of them, too. */
function historyFor(
  { id }: LogEvent,
  all: readonly LogEvent[],
  meaning: Meaning,
): EffectiveHistory {
  if (!coveredBySnapshots(all).has(id)) return meaning.historyOf(all)
  return meaning.historyOf(all.map((event) => (isSnapshot(event) ? stubOf(event) : event)))
}

function refusal(eventId: string, why: string): RejoinError {
  return new RejoinError('invalid_argument', `event ${eventId} ${why}`, {
    ...at('restore'),
    details: { event: eventId },
  })
}

const mostTries = 10

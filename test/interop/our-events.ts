import type { EventStore } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import type { GoEvent } from './go-process.ts'

/** A log's events as JSON of go-sync-kit has them: numbers as float64, nothing as null. */
export async function asGo(log: EventStore): Promise<readonly GoEvent[]> {
  return (await eventsOf(log)).map((event) => ({
    id: event.id,
    type: event.type,
    aggregate_id: event.aggregateId,
    data: event.data,
    metadata: event.metadataText === '' ? null : event.metadata,
  }))
}

export async function eventsOf(log: EventStore): Promise<readonly LogEvent[]> {
  const { entries } = await log.entries({ count: 1_000_000, bytes: Number.MAX_SAFE_INTEGER })
  return entries.map(({ event }) => event)
}

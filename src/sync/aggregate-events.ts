import type { EventStore } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Position } from '../version/index.ts'

/**
 * All events of an aggregate, stubs too, in log order. One that is filled meanwhile comes twice, as a stub
 * and in full, and never not at all: what is filled moves to the end.
 */
export async function aggregateEvents(
  store: Pick<EventStore, 'entries'>,
  aggregateId: string,
  signal: AbortSignal | undefined,
): Promise<readonly LogEvent[]> {
  const events: LogEvent[] = []
  let after = 0n as Position
  for (;;) {
    const page = await store.entries({ aggregateId, after, count: pageSize }, signal)
    for (const { event } of page.entries) events.push(event)
    if (!page.more) return events
    after = page.next
  }
}

const pageSize = 1_000

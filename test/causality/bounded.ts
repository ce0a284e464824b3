import type { ChangePage, EventStore, Page, Transport, Want } from '../../src/contracts/index.ts'
import type { EventId, LogEvent } from '../../src/event/index.ts'
import { override } from '../../src/testing/simulator/override.ts'

/** The same store, whose changes end with that event for whoever pushes them. */
export function storeUpTo(store: EventStore, last: EventId): EventStore {
  return override(store, {
    changes: (after, want, signal) =>
      upTo(last, want, (bounded) => store.changes(after, bounded, signal)),
  })
}

/** The same transport, through which no more can be pulled than up to that event. */
export function transportUpTo(transport: Transport<LogEvent>, last: EventId): Transport<LogEvent> {
  return override(transport, {
    pull: (after, want, signal) =>
      upTo(last, want, (bounded) => transport.pull(after, bounded, signal)),
  })
}

/** A page that goes beyond it is asked for again, with as many changes as end with it: its cursor is exact. */
async function upTo<W extends Pick<Want, 'count'>>(
  last: EventId,
  want: W,
  read: (want: W) => Promise<ChangePage<LogEvent>>,
): Promise<ChangePage<LogEvent>> {
  const page = await read(want)
  const place = page.kind === 'page' ? page.changes.findIndex(({ id }) => id === last) : -1
  if (place < 0) return page
  const exact = (await read({ ...want, count: place + 1 })) as Page<LogEvent>
  return { ...exact, more: false }
}

import type { EventStore } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'

/** What read models ask a store for. */
export type LogReader = Pick<EventStore, 'changes' | 'entries' | 'fetch' | 'identity' | 'watch'>

/** The same log, with its events as the application reads them. */
export function readingAs(store: EventStore, read: (event: LogEvent) => LogEvent): LogReader {
  return {
    identity: (signal) => store.identity(signal),
    watch: (signal) => store.watch(signal),
    async changes(after, want, signal) {
      const page = await store.changes(after, want, signal)
      return page.kind === 'page' ? { ...page, changes: page.changes.map(read) } : page
    },
    async entries(range, signal) {
      const page = await store.entries(range, signal)
      const entries = page.entries.map(({ position, event }) => ({ position, event: read(event) }))
      return { ...page, entries }
    },
    fetch: async (ids, signal) => (await store.fetch(ids, signal)).map(read),
  }
}

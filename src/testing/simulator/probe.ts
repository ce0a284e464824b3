import type { Entry, EventStore } from '../../contracts/index.ts'
import type { EventId, LogEvent } from '../../event/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import type { Position } from '../../version/index.ts'
import type { DiskImage } from './disk.ts'
import { recordsIn } from './disk-journal.ts'
import { logFile } from './machine.ts'

/** Opens what a disk holds, beside its owner, to look and not to touch. Takes no virtual time. */
export async function storeOn(image: DiskImage): Promise<EventStore> {
  const { records } = recordsIn(image.get(logFile) ?? new Uint8Array(0))
  return MemoryStore.open({
    node: 'probe',
    journal: { records: async () => records, append: async () => {}, close: async () => {} },
  })
}

/** Every entry of a log, in order. */
export async function allEntries(store: EventStore): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for (let after = 0n as Position, more = true; more; ) {
    const page = await store.entries({ after })
    entries.push(...page.entries)
    after = page.next
    more = page.more
  }
  return entries
}

/** Those whose content is there, or known to be erased. */
export async function contentOn(image: DiskImage): Promise<ReadonlyMap<EventId, LogEvent>> {
  return new Map([...(await eventsOn(image))].filter(([, { stub }]) => stub !== 'withheld'))
}

/** Those that are known to be erased. */
export async function erasedOn(image: DiskImage): Promise<ReadonlySet<EventId>> {
  const events = [...(await eventsOn(image)).values()]
  return new Set(events.filter(({ stub }) => stub === 'erased').map(({ id }) => id))
}

export async function eventsOn(image: DiskImage): Promise<ReadonlyMap<EventId, LogEvent>> {
  const entries = await allEntries(await storeOn(image))
  return new Map(entries.map(({ event }) => [event.id, event]))
}

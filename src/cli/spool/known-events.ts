import type { EventStore } from '../../contracts/index.ts'
import { contentHash, type EventId, sameContent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { failure } from '../misuse.ts'
import type { EventLine } from './event-line.ts'
import type { Spool } from './spool.ts'

/**
 * How many events of the spool the store holds already. Throws for one that is there with other content:
 * before anything is committed, so that nothing is stored then. Of the spool it reads only what the store holds
 * too, and it holds one event of it at a time.
 */
export async function knownEvents(
  store: EventStore,
  spool: Spool,
  which: 'all' | 'given',
  signal: AbortSignal,
): Promise<number> {
  let known = 0
  for (const ids of spool.ids(which, atOnce)) {
    for (const event of await store.fetch(ids as readonly EventId[], signal)) {
      const line = spool.find(event.id) as EventLine
      if (!sameContent(event, { ...line, hash: hashOf(line) })) throw conflict(line)
      known++
    }
    // Both files are read without a wait. Signals, and the collector that cleans up behind us, have their turn.
    await new Promise<void>(systemRuntime.soon)
  }
  return known
}

function hashOf(line: EventLine) {
  return contentHash(line, systemRuntime)
}

function conflict({ line, id }: EventLine): Error {
  return failure(
    'id_conflict',
    `line ${line}: the id "${id}" is in the store with other content. Nothing is stored`,
  )
}

/** The store's events may be larger than ours, where a conflict is about to be found: so few, too. */
const atOnce = { events: 100, bytes: 1024 * 1024 }

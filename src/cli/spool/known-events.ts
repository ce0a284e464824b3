import type { EventStore } from '../../contracts/index.ts'
import { contentHash, type EventId, sameContent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { failure } from '../misuse.ts'
import type { EventLine } from './event-line.ts'
import type { Spool } from './spool.ts'

/**
 * How many events of the spool the store holds already. Throws for one that is there with other content:
 * before anything is committed, so that nothing is stored then.
 */
export async function knownEvents(
  store: EventStore,
  spool: Spool,
  which: 'all' | 'given',
  signal: AbortSignal,
): Promise<number> {
  let known = 0
  for (const chunk of spool.chunks({ events: 500, bytes: 4 * 1024 * 1024 })) {
    const lines = which === 'all' ? chunk : chunk.filter((line) => line.givenId)
    if (lines.length === 0) continue
    const byId = new Map(lines.map((line) => [line.id, line]))
    const found = await store.fetch([...byId.keys()] as EventId[], signal)
    for (const event of found) {
      const line = byId.get(event.id) as EventLine
      if (!sameContent(event, { ...line, hash: hashOf(line) })) throw conflict(line)
      known++
    }
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

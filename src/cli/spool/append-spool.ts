import type { EventStore } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { NewEvent } from '../../event/index.ts'
import type { CommandIo } from '../command-io.ts'
import { failure } from '../misuse.ts'
import { errorLine } from '../terminal/error-line.ts'
import { grouped } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'
import { shellWord } from '../terminal/shell-word.ts'
import type { EventLine } from './event-line.ts'
import { exactMetadata } from './exact-metadata.ts'
import { knownEvents } from './known-events.ts'
import type { Spool } from './spool.ts'

export interface SpoolAppend {
  /** The store's file, as the user named it. */
  readonly path: string
  readonly isResumed: boolean
}

/**
 * Appends what the spool holds, in chunks of one commit each. What the spool holds for a store that knows
 * one of its ids with other content is refused as a whole; when anything else ends the work, the spool
 * stays, and the error says how to go on.
 */
export async function appendSpool(
  store: EventStore,
  spool: Spool,
  { path, isResumed }: SpoolAppend,
  io: CommandIo,
): Promise<{ readonly appended: number; readonly known: number }> {
  using progress = new Progress(io.err)
  const total = spool.events
  let done = 0
  try {
    const known = await knownEvents(store, spool, isResumed ? 'all' : 'given', io.signal)
    for (const chunk of spool.chunks(chunkLimits)) {
      await store.append(chunk.map(newEvent), { signal: io.signal })
      done += chunk.length
      progress.show({ label: 'storing', done, total, note: `${grouped(done)} events` })
    }
    return { appended: total - known, known }
  } catch (error) {
    progress[Symbol.dispose]()
    throw await cutShort(error, { spool, path, done, total, isResumed }, io)
  }
}

async function cutShort(
  error: unknown,
  of: SpoolAppend & { spool: Spool; done: number; total: number },
  io: CommandIo,
): Promise<unknown> {
  const { spool, path, done, total, isResumed } = of
  if (error instanceof RejoinError && error.code === 'id_conflict' && done === 0 && !isResumed) {
    spool.remove()
    return error
  }
  spool.close()
  const state = `${done} of ${total} events are stored`
  const advice = `finish with: rejoin append --store ${shellWord(path)} --resume ${shellWord(spool.path)}`
  if (io.signal.aborted) {
    await io.err.line(`interrupted: ${state}; ${advice}`)
    return error
  }
  const { code } = RejoinError.from(error, { operation: 'append', component: 'cli' })
  return failure(code, `${errorLine(error)}; ${state}; ${advice}`, error)
}

function newEvent(line: EventLine): NewEvent {
  const { id, type, aggregateId, schemaVersion, metadataText, dataText } = line
  const event = { id, type, aggregateId, schemaVersion, dataText }
  if (metadataText === '') return event
  return { ...event, metadata: exactMetadata(metadataText) as Record<string, unknown> }
}

/** What one append of a store takes at most. */
const chunkLimits = { events: 2_000, bytes: 8 * 1024 * 1024 }

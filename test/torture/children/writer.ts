// Appends a number of events to a file that others write as well. Waits for a word between the steps:
//
//     ready            -> "go"     opens the file and writes
//     stored BATCH ID...           acknowledged
//     written                      all of them
import type { EventId } from '../../../src/event/index.ts'
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { batchOf } from '../batch.ts'
import { given, say, standStill } from './talk.ts'

export interface WriterOptions {
  readonly path: string
  readonly name: string
  readonly events: number
  readonly callers: number
  readonly seed: string
}

const { path, name, events, callers, seed } = given<WriterOptions>()
say('ready')
standStill()
const store = await SqliteStore.open({ path, node: 'shared' })
let left = events
let batches = 0
await Promise.all(Array.from({ length: callers }, (_, caller) => write(caller)))
say('written')
await store.close()

async function write(caller: number): Promise<void> {
  const random = seededRandom(`${seed}/${name}/${caller}`)
  while (left > 0) {
    const size = Math.min(left, random.chance(0.02) ? 200 : random.int(1, 12))
    left -= size
    const batch = `${name}.${++batches}`
    say('stored', batch, ...(await append(batch, size)))
  }
}

async function append(batch: string, size: number): Promise<readonly EventId[]> {
  const appended = await store.append(batchOf(batch, size))
  if (appended.kind === 'stale') throw new Error('an append that expects nothing was stale')
  return appended.events.map((event) => event.id)
}

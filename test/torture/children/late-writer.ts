// Appends, and stands still in the middle of each append's transaction: with its first event written and
// its position taken, the lock held, and nothing committed.
//
//     holding          -> any word   goes on
//     stored BATCH ID...             -> any word   the next one
import type { NewEvent } from '../../../src/event/index.ts'
import { systemRuntime } from '../../../src/runtime/index.ts'
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { batchOf } from '../batch.ts'
import { given, say, standStill } from './talk.ts'

export interface LateWriterOptions {
  readonly path: string
  readonly name: string
}

const { path, name } = given<LateWriterOptions>()
// The clock is asked once before the append's first event, and once for each. (Nobody draws fresh ids,
// which ask it as well.)
let asked = 0
let isLate = false
const now = () => {
  if (isLate && ++asked === 3) {
    say('holding')
    standStill()
  }
  return systemRuntime.now()
}
const store = await SqliteStore.open({ path, node: 'shared', runtime: { ...systemRuntime, now } })
for (let number = 1; ; number++) {
  const batch = `${name}.${number}`
  ;[asked, isLate] = [0, true]
  const appended = await store.append(withIds(batchOf(batch, 3)))
  isLate = false
  if (appended.kind === 'stale') throw new Error('an append that expects nothing was stale')
  say('stored', batch, ...appended.events.map((event) => event.id))
  standStill()
}

function withIds(events: readonly NewEvent[]): readonly NewEvent[] {
  return events.map((event) => ({
    ...event,
    id: `${event.metadata?.batch}/${event.metadata?.index}`,
  }))
}

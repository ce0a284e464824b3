// Opens each file it is told, appends to it and closes it.
//
//     ready
//     made ID...
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { batchOf } from '../batch.ts'
import { given, say, standStill } from './talk.ts'

export interface OpenerOptions {
  readonly name: string
}

const { name } = given<OpenerOptions>()
say('ready')
for (;;) {
  const path = standStill()
  const store = await SqliteStore.open({ path, node: 'raced' })
  const appended = await store.append(batchOf(name, 3))
  await store.close()
  if (appended.kind === 'stale') throw new Error('an append that expects nothing was stale')
  say('made', ...appended.events.map((event) => event.id))
}

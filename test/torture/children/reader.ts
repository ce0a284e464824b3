// Reads a file that others write, as it grows. Told to stop, it reads to the end, says so and leaves.
//
//     open
//     read ID...                   one page
//     end
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { type Following, follow } from '../follow.ts'
import { given, heard, say } from './talk.ts'

export interface ReaderOptions {
  readonly path: string
  readonly by: Following['by']
  readonly count: number
}

const { path, by, count } = given<ReaderOptions>()
const store = await SqliteStore.open({ path })
const stop = new AbortController()
const news = store.watch(stop.signal)[Symbol.asyncIterator]()
void hearStop()
say('open')
await follow(store, stop.signal, {
  by,
  count,
  onPage: (ids) => say('read', ...ids),
  wait: () => news.next(),
})
say('end')
await store.close()
process.exit()

async function hearStop(): Promise<void> {
  for await (const _ of heard()) break
  stop.abort()
}

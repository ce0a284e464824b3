// Appends one event at a time, or all at once, under the eye of strace:
//
//     begin
//     stored N...                  acknowledged, in the order of the acknowledgements
//     end
import { SqliteStore } from '../../../src/store/sqlite/index.ts'
import { given, say } from './talk.ts'

export interface FlusherOptions {
  readonly path: string
  readonly durability: 'full' | 'normal'
  readonly callers: number
  readonly appendsEach: number
}

const { path, durability, callers, appendsEach } = given<FlusherOptions>()
const store = await SqliteStore.open({ path, durability })
let number = 0
say('begin')
await Promise.all(Array.from({ length: callers }, append))
say('end')
await store.close()

async function append(): Promise<void> {
  for (let left = appendsEach; left > 0; left--) {
    const own = ++number
    await store.append([{ type: 'flushed', aggregateId: `one-${own % 10}`, data: { own } }])
    say('stored', own)
  }
}

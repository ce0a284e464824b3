import { expect, it, onTestFinished } from 'vitest'
import type { FeedRange, StateStorage } from '../../contracts/index.ts'
import type { Origin } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import { MemoryStateStorage } from '../memory/index.ts'
import { cachedState } from './cached-state.ts'

it('what a link brings is read from the storage once, and by those who hear of it from memory', async () => {
  const { storage, feeds } = await counted()
  const { end: before } = await storage.rows([])
  feeds.length = 0
  await storage.apply({ via, role: 'pulled', changes: [write('a/1', 1n), write('a/2', 2n)] })
  expect(feeds).toEqual([{ after: before }])

  const { end } = await storage.rows([])
  const { rows, next, more, origin } = await storage.feed({ after: before, upTo: end })
  expect(rows.map(({ path }) => path)).toEqual(['a/1', 'a/2'])
  expect({ next, more }).toEqual({ next: end, more: false })
  expect(origin).toBe((await storage.identity()).origin)
  expect(feeds).toHaveLength(1)

  // Whether there is more behind it only the storage knows.
  await storage.feed({ after: end, upTo: (end + 1n) as Position })
  await storage.feed({ after: end })
  expect(feeds).toHaveLength(3)
})

async function counted() {
  const durable = await MemoryStateStorage.open()
  const feeds: FeedRange[] = []
  const counting = new Proxy(durable as StateStorage, {
    get(target, name) {
      if (name === 'feed')
        return (range: FeedRange, signal?: AbortSignal) => {
          feeds.push(range)
          return target.feed(range, signal)
        }
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  // What other processes may have written is looked for later: never, here.
  const storage = await cachedState(counting, undefined, { soon: () => {} })
  onTestFinished(() => durable.close())
  return { storage, feeds }
}

function write(path: string, time: bigint) {
  return { path, created: 1n, updated: time, dataText: '1', note: '' }
}

const via = 'elsewhere~0123456789abcdef' as Origin

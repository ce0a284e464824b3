import { expect, it } from 'vitest'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { openState } from './open-state.ts'

it('calls that come one after the other in one turn of the loop share a flush', async () => {
  const storage = await SqliteStateStorage.open({ path: ':memory:' })
  const sizes: number[] = []
  const commit = storage.commit.bind(storage)
  storage.commit = (what, signal) => {
    sizes.push(what.changes.length)
    return commit(what, signal)
  }
  await using state = await openState({ storage })
  const paths = ['a', 'b', 'c', 'd']
  await Promise.all(paths.map((path) => inItsOwnCallback(() => state.set(path, path))))
  expect(sizes).toEqual([4])
  expect((await state.keys()).keys).toEqual(paths)
})

it('T3: what a listener writes, everybody hears of after what made it write', async () => {
  await using state = await openState()
  await state.set('a', 0)
  const heard: string[] = []
  const writing: Promise<unknown>[] = []
  state.observe('*', ({ changes }) => {
    if (changes[0]?.path === 'a') writing.push(state.set('b', 1))
  })
  state.observe('*', ({ changes }) => {
    heard.push(...changes.map(({ path }) => path))
  })
  await state.set('a', 1)
  await Promise.all(writing)
  expect(heard).toEqual(['a', 'b'])
})

it('what an update writes while it decides comes after it', async () => {
  await using state = await openState()
  await state.set('n', 1)
  let inside: Promise<unknown> | undefined
  await state.update<number>('n', (object) => {
    inside ??= state.set('n', 10)
    return (object?.data ?? 0) + 1
  })
  await inside
  expect((await state.get('n'))?.data).toBe(10)
})

it('asks whatever stands in front of a storage in memory', async () => {
  const storage = await MemoryStateStorage.open()
  const commit = storage.commit.bind(storage)
  let commits = 0
  storage.commit = (what, signal) => {
    commits++
    return commit(what, signal)
  }
  await using state = await openState({ storage })
  for (const path of ['a', 'b', 'c']) await state.set(path, 1)
  expect(commits).toBe(3)
})

/** As sockets are read: all in one turn, and promises settle in between. */
function inItsOwnCallback<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => setImmediate(() => resolve(work())))
}

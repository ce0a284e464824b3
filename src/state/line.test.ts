import { expect, it } from 'vitest'
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

/** As sockets are read: all in one turn, and promises settle in between. */
function inItsOwnCallback<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => setImmediate(() => resolve(work())))
}

import { expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { openState } from '../../state/index.ts'
import { PivotCalls } from './calls.ts'
import { readPeerList } from './peer-list.ts'
import { takeHeld } from './take-held.ts'

const { signal } = new AbortController()

/** Byte for byte what a node of the original answers to `GET /_pivot/pivot/users/*`. */
const answer =
  '[{"created":1795364440528859392,"updated":1795364440792717604,"index":"a","path":"users/a","data":{"v":"\\u003cé\\u003e"}},' +
  '{"created":1795364440943842685,"updated":0,"index":"b","path":"users/b","data":2},' +
  '{"created":1795364441016131553,"updated":0,"index":"c","path":"users/c","data":[1.0,1e3,12345678901234567890]}]\n'

async function held() {
  const calls = new PivotCalls({ address: 'a:1', fetch: async () => new Response(answer) })
  const { objects } = await readPeerList(calls, 'users/*', signal)
  return { objects, activity: 1795364441016131553n }
}

async function shared() {
  const tree = await openState()
  const storage = tree.replica()
  const take = async () =>
    takeHeld({ path: 'users/*', storage }, await held(), 'a:1', systemRuntime, signal)
  const put = (path: string, created: bigint, updated: bigint, dataText: string | null) =>
    storage.apply({
      via: 'other~0123456789abcdef' as never,
      role: 'pushed',
      changes: [{ path, created, updated, dataText, note: '' }],
    })
  return { tree, take, put, [Symbol.asyncDispose]: () => tree.close() }
}

it('T4: all that a node has is taken as it is, once', async () => {
  await using here = await shared()
  expect(await here.take()).toEqual({ count: 3, differs: false })
  expect(await here.tree.get('users/c')).toMatchObject({
    created: 1795364441016131553n,
    dataText: '[1.0,1e3,12345678901234567890]',
  })
  const { version } = await here.tree.snapshot('users/*')
  expect(await here.take()).toEqual({ count: 0, differs: false })
  expect((await here.tree.snapshot('users/*')).version).toBe(version)
})

it('T1, T2: not what is older than what stands or was deleted here, nor the same in other bytes', async () => {
  await using here = await shared()
  await here.put('users/a', 1795364440528859392n, 1795364440792717604n, '{"v":"<é>"}')
  await here.put('users/b', 0n, 1795364440943842686n, null)
  await here.put('users/c', 1795364441016131553n, 1795364441016131554n, '"newer"')
  await here.put('users/unseen', 1n, 0n, '1')
  const { version } = await here.tree.snapshot('users/*')
  expect(await here.take()).toEqual({ count: 0, differs: true })
  expect((await here.tree.snapshot('users/*')).version).toBe(version)
  expect((await here.tree.list('users/*')).map(({ index }) => index).toSorted()).toEqual([
    'a',
    'c',
    'unseen',
  ])
})

it('T2: not what was deleted here so long ago that the tombstone is gone', async () => {
  await using here = await shared()
  await here.put('users/b', 0n, 1795364440943842686n, null)
  const storage = here.tree.replica()
  await storage.collect({
    before: 1795364440943842687n,
    upTo: (await storage.status()).end,
  })
  expect(await here.take()).toEqual({ count: 1, differs: true })
  expect(await here.tree.get('users/b')).toBeUndefined()
})

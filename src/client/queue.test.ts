import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { liveServer } from './fixtures/live-server.ts'
import {
  type ConnectOptions,
  connectState,
  memoryQueue,
  type OfflineOptions,
  type QueuedWrite,
} from './index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]()
})

async function queueing(
  offline: Partial<OfflineOptions> = {},
  options: ConnectOptions = {},
  ...of: Parameters<typeof liveServer>
) {
  const server = await liveServer(...of)
  const refused: string[] = []
  const client = connectState(server.url, {
    runtime: { ...systemRuntime, random: () => 0 },
    offline: {
      onRefused: ({ path }, { code }) => refused.push(`${path} ${code}`),
      ...offline,
    },
    ...options,
  })
  opened.push(server, client)
  return { server, client, refused, tree: server.tree }
}

const kindOf = async (work: Promise<{ kind: string }>) => (await work).kind

describe('a client that queues', () => {
  it('writes at once while the server is there', async () => {
    const { client, tree } = await queueing()
    expect(await kindOf(client.set('box', { a: 1 }))).toBe('written')
    expect(await kindOf(client.patch('box', { b: 2 }))).toBe('written')
    expect(await kindOf(client.delete('none'))).toBe('absent')
    expect((await tree.get('box'))?.data).toEqual({ a: 1, b: 2 })
    expect(await client.flush()).toBe(0)
  })

  it('keeps what is written during an outage, and sends it in its order', async () => {
    const { client, tree, server } = await queueing()
    await client.set('box', 0)
    await server.stop()
    for (let n = 1; n <= 20; n++) expect(await kindOf(client.set('box', n))).toBe('queued')
    expect(await kindOf(client.set('lamp', { on: true }))).toBe('queued')
    expect(await kindOf(client.patch('lamp', { dim: 3 }))).toBe('queued')
    expect(await kindOf(client.push('log/*', 'pushed'))).toBe('queued')
    expect(await kindOf(client.delete('box'))).toBe('queued')
    expect(await client.flush()).toBe(24)
    const seen: unknown[] = []
    tree.observe<number>('box', ({ changes }) => {
      for (const { object } of changes) seen.push(object?.data)
    })
    await server.start()
    expect(await client.flush()).toBe(0)
    expect(seen).toEqual([...Array.from({ length: 20 }, (_, at) => at + 1), undefined])
    expect((await tree.get('lamp'))?.data).toEqual({ on: true, dim: 3 })
    expect((await tree.list('log/*')).map(({ data }) => data)).toEqual(['pushed'])
    expect(await kindOf(client.set('box', 7))).toBe('written')
  })

  it('sends it by itself once the server is back', async () => {
    const { client, tree, server } = await queueing()
    await server.stop()
    await client.set('box', 1)
    await server.start()
    await vi.waitFor(async () => expect((await tree.get('box'))?.data).toBe(1))
  })

  it('sends it when a subscription gets through', async () => {
    // By itself it would come after a quarter of an hour.
    const sleep: Runtime['sleep'] = (ms, signal) => systemRuntime.sleep(ms * 1_000, signal)
    const runtime = { ...systemRuntime, sleep, random: () => 0.999 }
    const { client, tree, server } = await queueing({}, { runtime })
    await server.stop()
    await client.set('box', 1)
    await server.start()
    const box = client.subscribe('box')
    await vi.waitFor(async () => expect((await tree.get('box'))?.data).toBe(1))
    box.close()
  })

  it('tells of what the server refuses: who waits by a rejection, otherwise onRefused', async () => {
    const write = () => {
      throw new Error('no')
    }
    const { client, tree, server, refused } = await queueing(
      {},
      {},
      { filters: { shut: { write } } },
    )
    await expect(client.set('shut', 1)).rejects.toMatchObject({ code: 'invalid_argument' })
    await server.stop()
    await client.set('shut', 2)
    await client.patch('gone', { a: 1 })
    await client.set('box', 1)
    expect(refused).toEqual([])
    await server.start()
    expect(await client.flush()).toBe(0)
    expect(refused).toEqual(['shut invalid_argument', 'gone not_found'])
    expect((await tree.get('box'))?.data).toBe(1)
  })

  it('a push that is sent twice is one object', async () => {
    let cuts = 1
    const cutting: typeof fetch = async (...request) => {
      const response = await fetch(...request)
      await response.arrayBuffer()
      // The server has it, and its answer is lost.
      if (cuts-- > 0) throw new TypeError('cut')
      return new Response('{"index":"x"}')
    }
    const { client, tree } = await queueing({}, { fetch: cutting })
    expect(await kindOf(client.push('log/*', 1))).toBe('queued')
    expect(await client.flush()).toBe(0)
    expect(await tree.list('log/*')).toHaveLength(1)
  })

  it('keeps what waits for the next process, in a storage of its own', async () => {
    const storage = memoryQueue()
    const { client, server, tree } = await queueing({ storage })
    await server.stop()
    await client.set('a', 1)
    await client.set('b', 2)
    await client.close()
    expect((await storage.all()).map(({ path, body }: QueuedWrite) => [path, body])).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
    await server.start()
    const next = connectState(server.url, { offline: { onRefused() {}, storage } })
    opened.push(next)
    expect(await next.flush()).toBe(0)
    expect([(await tree.get('a'))?.data, (await tree.get('b'))?.data]).toEqual([1, 2])
    expect(await storage.all()).toEqual([])
  })

  it('S5: takes so many and no more', async () => {
    const { client, server } = await queueing({ most: 2 })
    await server.stop()
    await client.set('a', 1)
    await client.set('b', 1)
    await expect(client.set('c', 1)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await client.flush()).toBe(2)
  })

  it('takes back what is aborted before its turn', async () => {
    const requests = Promise.withResolvers<Response>()
    const bodies: unknown[] = []
    const slow: typeof fetch = (_, init) => {
      bodies.push(init?.body)
      return bodies.length === 1 ? requests.promise : Promise.resolve(new Response('{"index":"x"}'))
    }
    const { client } = await queueing({}, { fetch: slow })
    const first = client.set('a', 1)
    const stop = new AbortController()
    const second = client.set('a', 2, { signal: stop.signal })
    const third = client.set('a', 3)
    await vi.waitFor(() => expect(bodies).toHaveLength(1))
    stop.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    requests.resolve(new Response('{"index":"a"}'))
    expect([await kindOf(first), await kindOf(third)]).toEqual(['written', 'written'])
    expect(bodies).toEqual(['1', '3'])
  })

  it('does not queue a JSON Patch, and sends none before what waits', async () => {
    const { client, server, tree } = await queueing()
    await client.set('box', [1])
    const patch = [{ op: 'add', path: '/-', value: 2 }]
    await server.stop()
    const append = () => client.patch('box', patch, { form: 'json-patch' })
    await expect(append()).rejects.toMatchObject({ code: 'network' })
    await client.set('box', [5])
    await expect(append()).rejects.toMatchObject({ code: 'unavailable' })
    await server.start()
    expect(await kindOf(append())).toBe('written')
    expect((await tree.get('box'))?.data).toEqual([5, 2])
  })

  it('other credentials let through what waits; nothing is lost for want of them', async () => {
    let token = 'secret'
    const { client, server, tree, refused } = await queueing({}, { token: () => token }, {}, [
      'secret',
    ])
    await server.stop()
    await client.set('box', 1)
    token = 'old'
    await server.start()
    expect(await client.flush()).toBe(1)
    token = 'secret'
    expect(await client.flush()).toBe(0)
    expect([(await tree.get('box'))?.data, refused]).toEqual([1, []])
  })

  it('sends nothing new before it knows what is left, though its storage fails at first', async () => {
    const storage = memoryQueue()
    await storage.add({ id: '0', kind: 'set', path: 'box', body: '"old"' })
    let failures = 2
    const all = async () => {
      if (failures-- > 0) throw new Error('not yet')
      return storage.all()
    }
    const { client, tree } = await queueing({ storage: { ...storage, all } })
    await expect(client.set('box', 'lost')).rejects.toMatchObject({ code: 'storage_io' })
    await client.set('box', 'new')
    expect(await client.flush()).toBe(0)
    expect((await tree.get('box'))?.data).toBe('new')
    expect(await storage.all()).toEqual([])
  })

  it('numbers writes above those of an earlier process, also when the clock was set back', async () => {
    const storage = memoryQueue()
    const { server } = await queueing()
    await server.stop()
    for (const now of [2_000_000, 1_000_000, 1_000_000, 3_000_000]) {
      const runtime = { ...systemRuntime, now: () => now }
      const offline = { storage, onRefused() {} }
      await using client = connectState(server.url, { runtime, offline })
      for (const n of [1, 2]) expect(await kindOf(client.set(`at/${now}`, n))).toBe('queued')
    }
    const ids = (await storage.all()).map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].toSorted())
    expect(ids).toHaveLength(8)
  })

  it('says so when its storage fails', async () => {
    const add = async () => {
      throw new Error('disk full')
    }
    const { client } = await queueing({ storage: { ...memoryQueue(), add } })
    await expect(client.set('a', 1)).rejects.toMatchObject({ code: 'storage_io' })
  })
})

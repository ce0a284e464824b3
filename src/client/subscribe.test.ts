import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemRuntime } from '../runtime/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { liveServer } from './fixtures/live-server.ts'
import { connectState, type StateObject } from './index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]()
})

async function served(...of: Parameters<typeof liveServer>) {
  const server = await liveServer(...of)
  opened.push(server)
  return server
}

function connected(...[url, options]: Parameters<typeof connectState>) {
  // Attempts follow each other closely.
  const client = connectState(url, { runtime: { ...systemRuntime, random: () => 0 }, ...options })
  opened.push(client)
  return client
}

/** Counts connections and remembers where they went. */
function watchedSockets() {
  const sockets: WebSocket[] = []
  class Watched extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
  return { Watched, sockets }
}

const dataIn = (objects: readonly StateObject[] | undefined) => objects?.map(({ data }) => data)

describe('a subscription', () => {
  it('tells the value there is, and each that follows', async () => {
    const { url, tree } = await served()
    const client = connected(url)
    const told: unknown[] = []
    const subscription = client.subscribe('box', (object) => told.push(object?.data))
    expect([subscription.isLoaded, subscription.connectivity]).toEqual([false, 'connecting'])
    await vi.waitFor(() => expect(told).toEqual([undefined]))
    for (const data of [{ n: 1 }, { n: 2, s: 'ä' }]) await client.set('box', data)
    await client.patch('box', { s: 'ö' })
    await client.delete('box')
    await vi.waitFor(() =>
      expect(told).toEqual([undefined, { n: 1 }, { n: 2, s: 'ä' }, { n: 2, s: 'ö' }, undefined]),
    )
    expect(subscription.connectivity).toBe('live')
    const { object } = (await tree.set('box', 7)) as { object: StateObject }
    await vi.waitFor(() => expect(subscription.value?.text).toBe(object.text))
  })

  it('T3: has at every moment exactly what GET answers, also of lists', async () => {
    const { url, tree } = await served()
    const client = connected(url)
    const list = client.subscribeList('users/*')
    for (let at = 0; at < 40; at++) {
      if (at % 7 === 6) await tree.delete(`users/u${at % 5}`)
      else await tree.set(`users/u${at % 6}`, { at, text: '"\\é', big: 2n ** 64n + BigInt(at) })
      if (at % 9 === 8) await tree.patch('users/u0', { constructor: at })
    }
    const expected = (await tree.list('users/*')).map(({ text }) => text)
    await vi.waitFor(() => expect(list.value?.map(({ text }) => text)).toEqual(expected))
  })

  it('keeps the objects that did not change', async () => {
    const { url, tree } = await served()
    for (const at of [1, 2, 3]) await tree.set(`users/${at}`, { at })
    const list = connected(url).subscribeList('users/*')
    await vi.waitFor(() => expect(dataIn(list.value)).toEqual([{ at: 3 }, { at: 2 }, { at: 1 }]))
    const before = list.value
    await tree.set('users/2', { at: 20 })
    await vi.waitFor(() => expect(dataIn(list.value)).toEqual([{ at: 3 }, { at: 20 }, { at: 1 }]))
    expect([list.value?.[0], list.value?.[2]]).toEqual([before?.[0], before?.[2]])
    expect(list.value?.[0]).toBe(before?.[0])
  })

  it('can be read as a stream of its newest values, which ends with it', async () => {
    const { url, tree } = await served()
    const box = connected(url).subscribe<number>('box')
    const told: unknown[] = []
    for await (const object of box) {
      told.push(object?.data)
      if (object === undefined) for (const n of [1, 2, 3]) await tree.set('box', n)
      if (object?.data === 3) box.close()
    }
    expect([told[0], told.at(-1)]).toEqual([undefined, 3])
    expect(box.connectivity).toBe('ended')
  })

  it('comes back after an outage with its version, and is told what it missed', async () => {
    const { url, tree, stop, start } = await served()
    await tree.set('box', 1)
    const { Watched, sockets } = watchedSockets()
    const client = connected(url, { WebSocket: Watched })
    const told: unknown[] = []
    const states: string[] = []
    const box = client.subscribe('box', (object) => told.push(object?.data), {
      onConnectivity: (now, trouble) => states.push(trouble ? `${now} ${trouble.code}` : now),
    })
    await vi.waitFor(() => expect(told).toEqual([1]))
    await stop()
    await vi.waitFor(() => expect(box.connectivity).toBe('waiting'))
    expect(box.value?.data).toBe(1)
    await tree.set('box', 2)
    await start()
    client.nudge()
    await vi.waitFor(() => expect(told).toEqual([1, 2]))
    expect(sockets.at(-1)?.url).toMatch(/\/box\?v=[0-9a-f]+$/)
    expect(states[0]).toBe('live')
    expect(states[1]).toMatch(/^waiting (network|unavailable)$/)
    expect(states.at(-1)).toBe('live')
  })

  it('is told nothing again when nothing has changed', async () => {
    const { url, tree } = await served()
    await tree.set('box', 1)
    const { Watched, sockets } = watchedSockets()
    const client = connected(url, { WebSocket: Watched })
    const told: unknown[] = []
    const box = client.subscribe('box', (object) => told.push(object?.data))
    await vi.waitFor(() => expect(told).toEqual([1]))
    sockets[0]?.close()
    await vi.waitFor(() => expect(box.connectivity).toBe('waiting'))
    client.nudge()
    await vi.waitFor(() => expect(box.connectivity).toBe('live'))
    await tree.set('box', 2)
    await vi.waitFor(() => expect(told).toEqual([1, 2]))
    expect(sockets).toHaveLength(2)
  })

  it('connects anew after a long quiet, with its version, and stays live', async () => {
    const { url, tree } = await served()
    await tree.set('box', 1)
    const { Watched, sockets } = watchedSockets()
    const runtime = handDriven()
    const states: string[] = []
    const told: unknown[] = []
    const client = connected(url, { WebSocket: Watched, runtime, quiet: 1_000 })
    const box = client.subscribe('box', (object) => told.push(object?.data), {
      onConnectivity: (now) => states.push(now),
    })
    await vi.waitFor(() => expect(told).toEqual([1]))
    runtime.pass(999)
    await tree.set('box', 2)
    await vi.waitFor(() => expect(told).toEqual([1, 2]))
    runtime.pass(1)
    expect(sockets).toHaveLength(1)
    runtime.pass(999)
    await vi.waitFor(() => expect(sockets).toHaveLength(2))
    expect(sockets[1]?.url).toMatch('?v=')
    await vi.waitFor(() => expect(sockets[1]?.readyState).toBe(WebSocket.OPEN))
    await tree.set('box', 3)
    await vi.waitFor(() => expect(told).toEqual([1, 2, 3]))
    expect([states, box.connectivity]).toEqual([['live'], 'live'])
  })

  it.each([
    ['as it is', 'secret'],
    ['packed, where no subprotocol may have its characters', 'a/b+c=='],
  ])('shows its token after bearer: %s', async (_, token) => {
    const { url, tree } = await served({}, [token])
    await tree.set('box', 1)
    const box = connected(url, { token: async () => token }).subscribe('box')
    await vi.waitFor(() => expect(box.value?.data).toBe(1))
  })

  it.each([
    ['wrong credentials', { token: 'wrong' }, 'unauthorized'],
    ['a wrong token that no subprotocol can be', { token: 'a/b=' }, 'unauthorized'],
  ])('ends with %s, and says so', async (_, options, code) => {
    const { url } = await served({}, ['secret'])
    const box = connected(url, options).subscribe('box')
    await expect(async () => {
      for await (const _ of box);
    }).rejects.toMatchObject({ code })
    expect(box.connectivity).toBe('ended')
  })

  it('ends where a filter refuses, with its words', async () => {
    const readObject = () => {
      throw new Error('not for you')
    }
    const { url, tree } = await served({ filters: { box: { readObject } } })
    await tree.set('box', 1)
    const box = connected(url).subscribe('box')
    const reading = box[Symbol.asyncIterator]()
    const end = await reading.next().then(
      ({ value }) => value,
      (error) => error,
    )
    expect(end).toMatchObject({ code: 'invalid_argument' })
    expect(end.message).toContain('not for you')
  })

  it('ends with its signal and with its client, and leaves nothing behind', async () => {
    const { url, tree } = await served()
    const { Watched, sockets } = watchedSockets()
    const client = connected(url, { WebSocket: Watched })
    const stop = new AbortController()
    const one = client.subscribe('box', undefined, { signal: stop.signal })
    const other = client.subscribeList('box/*')
    await vi.waitFor(() => expect(one.isLoaded && other.isLoaded).toBe(true))
    stop.abort()
    await vi.waitFor(() => expect(one.connectivity).toBe('ended'))
    expect(other.connectivity).toBe('live')
    await client.close()
    await vi.waitFor(() => expect(other.connectivity).toBe('ended'))
    await vi.waitFor(() => expect(sockets.map(({ readyState }) => readyState)).toEqual([3, 3]))
    expect(() => client.subscribe('box')).toThrow('closed')
    await tree.set('box', 1)
    expect(one.value).toBeUndefined()
  })

  it('survives what its listener throws', async () => {
    const { url, tree } = await served()
    const errors: unknown[] = []
    const logger = {
      debug() {},
      info() {},
      warn() {},
      error: (...said: unknown[]) => errors.push(said),
    }
    const box = connected(url, { logger }).subscribe('box', () => {
      throw new Error('mine')
    })
    await vi.waitFor(() => expect(box.connectivity).toBe('live'))
    await tree.set('box', 1)
    await vi.waitFor(() => expect(box.value?.data).toBe(1))
    expect(errors).toHaveLength(2)
  })
})

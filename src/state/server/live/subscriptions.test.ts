import { afterEach, describe, expect, it } from 'vitest'
import { handDriven } from '../../../transport/fixtures/hand-driven.ts'
import { type ServedState, servedState } from '../../fixtures/served.ts'
import { StateClient } from '../../fixtures/state-client.ts'
import {
  openState,
  type StateObject,
  type StateOptions,
  type StateServerOptions,
  stateServer,
} from '../../index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function served(options?: StateServerOptions, of?: StateOptions): Promise<ServedState> {
  const one = await servedState(options, of)
  opened.push(one)
  return one
}

const empty = { created: 0, updated: 0, index: '', data: {} }
const large = 'x'.repeat(1_000)

describe('a subscription to one object', () => {
  it('begins with a snapshot and goes on with patches', async () => {
    const { tree, server, get } = await served()
    const client = await new StateClient().subscribe(server, '/box')
    expect(client.told).toMatchObject([{ data: empty, snapshot: true }])
    await tree.set('box', { name: 'a box 🧰', large })
    expect(client.told[1]).toMatchObject({ snapshot: true })
    await tree.patch('box', { name: 'still a box 💾' })
    expect(client.told[2]).toMatchObject({
      snapshot: false,
      data: [
        { op: 'replace', path: '/updated' },
        { op: 'replace', path: '/data/name', value: 'still a box 💾' },
      ],
    })
    expect(client.value).toEqual(await get('/box'))
    await tree.delete('box')
    expect(client.told[3]).toMatchObject({ data: empty, snapshot: true })
    expect(client.told).toHaveLength(4)
  })

  it('tells versions that rise', async () => {
    const { tree, server } = await served()
    const client = await new StateClient().subscribe(server, '/n')
    for (let n = 0; n < 40; n++) await tree.set('n', n)
    const positions = client.told.map(({ version }) => BigInt(`0x${version.slice(0, -8)}`))
    expect(positions).toEqual(positions.toSorted((one, other) => (one < other ? -1 : 1)))
    expect(new Set(positions).size).toBe(41)
  })

  it('hears nothing of other paths', async () => {
    const { tree, server } = await served()
    const client = await new StateClient().subscribe(server, '/a')
    await tree.set('a/b', 1)
    await tree.set('ab', 1)
    expect(client.told).toHaveLength(1)
  })
})

describe('T3: a subscription to what is forgotten', () => {
  it('gets a snapshot of what there is now, and goes on with patches', async () => {
    const { tree, server, get } = await served()
    for (const path of ['l/1', 'l/2', 'm']) await tree.set(path, { path, large })
    const [list, object] = await Promise.all([
      new StateClient().subscribe(server, '/l/*'),
      new StateClient().subscribe(server, '/m'),
    ])
    await tree.replica().forget({ patterns: ['l/*', 'm'] })
    // Whoever writes next is told after it.
    await tree.set('l/3', { large })
    await expect.poll(() => list.value).toEqual(await get('/l/*'))
    expect(list.told.slice(1).map(({ snapshot }) => snapshot)).toContain(true)
    await expect.poll(() => object.value).toEqual(empty)
    await tree.set('l/4', { large })
    expect(list.told.at(-1)).toMatchObject({ snapshot: false })
    expect(list.value).toEqual(await get('/l/*'))
  })
})

describe('a subscription to a list', () => {
  it('T3: has new objects first, and patches keep that order', async () => {
    const { tree, server, get } = await served()
    for (let at = 0; at < 10; at++) await tree.push('l/*', { at, large })
    const client = await new StateClient().subscribe(server, '/l/*')
    const { object } = await tree.push('l/*', { at: 10 })
    expect(client.told[1]).toMatchObject({
      snapshot: false,
      data: [{ op: 'add', path: '/0', value: { path: object.path } }],
    })
    await tree.patch(object.path, { at: 11 })
    await tree.set('l/0', { large })
    await tree.delete(object.path)
    expect(client.told.slice(2).map(({ snapshot }) => snapshot)).toEqual([false, false, false])
    expect(client.value).toEqual(await get('/l/*'))
  })

  it('is told of a deleted list in one message', async () => {
    const { tree, server } = await served()
    for (let at = 0; at < 10; at++) await tree.push('l/*', { at })
    const [list, one] = [new StateClient(), new StateClient()]
    await list.subscribe(server, '/l/*')
    await one.subscribe(server, `/${(await tree.keys({ filter: 'l/*' })).keys[0]}`)
    await tree.delete('l/*')
    expect(list.told.slice(1)).toMatchObject([{ data: [], snapshot: true }])
    expect(one.told.slice(1)).toMatchObject([{ data: empty, snapshot: true }])
  })

  it('shares one buffer with all who follow it', async () => {
    const { tree, server } = await served()
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => new StateClient().subscribe(server, '/l/*')),
    )
    await tree.push('l/*', 1)
    for (const at of [0, 1]) expect(new Set(clients.map(({ raw }) => raw[at])).size).toBe(1)
  })

  it('is told in patches or snapshots only, when that is asked for', async () => {
    for (const [options, snapshot] of [
      [{ forcePatch: true }, false],
      [{ noPatch: true }, true],
    ] as const) {
      const { tree, server } = await served(options)
      const client = await new StateClient().subscribe(server, '/l/*')
      for (let at = 0; at < 5; at++) await tree.push('l/*', at)
      await tree.delete('l/*')
      expect(client.told.slice(1).map((one) => one.snapshot)).toEqual(Array(6).fill(snapshot))
      expect(client.value).toEqual([])
    }
  })

  it('hears of silent keys together with the next change', async () => {
    const { tree, server, get } = await served({ noBroadcastKeys: ['l/quiet'] })
    const client = await new StateClient().subscribe(server, '/l/*')
    await tree.set('l/quiet', 1)
    await tree.set('l/quiet', 2)
    expect(client.told).toHaveLength(1)
    await tree.set('l/loud', 1)
    expect(client.told).toHaveLength(2)
    expect(client.value).toEqual(await get('/l/*'))
  })
})

describe('data that patches could not name', () => {
  it('is replaced as a whole', async () => {
    const { tree, server, call } = await served()
    const set = (text: string) => call('POST', '/o', text)
    await set(`{"in":{"__proto__":{"a":1},"b":1},"large":"${large}"}`)
    const client = await new StateClient().subscribe(server, '/o')
    await set(`{"in":{"__proto__":{"a":2},"b":1},"large":"${large}"}`)
    expect(client.told[1]).toMatchObject({
      snapshot: false,
      data: [{ path: '/updated' }, { op: 'replace', path: '/data/in' }],
    })
    await set(`{"in":{"a/b~c":1},"large":"${large}"}`)
    await set(`{"in":{"a/b~c":2},"large":"${large}"}`)
    expect((client.value as { data: unknown }).data).toEqual((await tree.get('o'))?.data)
    expect(client.told.slice(1).every(({ snapshot }) => !snapshot)).toBe(true)
  })
})

describe('coming back with a version', () => {
  it('brings no snapshot when nothing changed under the path, also if nobody stayed', async () => {
    const { tree, server } = await served()
    await tree.set('a', 1)
    const first = await new StateClient().subscribe(server, '/a')
    first.peer?.gone()
    await tree.set('b', 1)
    const again = new StateClient()
    again.value = first.value
    await again.subscribe(server, `/a?v=${first.version}`)
    expect(again.told).toEqual([])
    await tree.set('a', { large })
    expect(again.told).toHaveLength(1)
  })

  it.each(['', 'zzz', '0', '1', 'ffffffff00000000', '-1', '1'.repeat(40)])(
    'that is not ours, such as "%s", brings one',
    async (version) => {
      const { tree, server } = await served()
      await tree.set('a', 1)
      const client = await new StateClient().subscribe(server, `/a?v=${version}`)
      expect(client.told).toHaveLength(1)
    },
  )

  it('brings a snapshot when something changed, also between the question and the answer', async () => {
    const { tree, server } = await served()
    await tree.set('a', 1)
    const { version } = await new StateClient().subscribe(server, '/a')
    const answer = await server.admit(new Request(`http://localhost/a?v=${version}`))
    if (answer instanceof Response) throw new Error('refused')
    await tree.set('a', 2)
    const late = new StateClient()
    answer.accept(late)
    expect(late.told).toMatchObject([{ snapshot: true, data: { data: 2 } }])
    const again = await new StateClient().subscribe(server, `/a?v=${version}`)
    expect(again.told).toHaveLength(1)
  })

  it('of something filtered does not outlive the server whose filter it was', async () => {
    const tree = await openState()
    opened.push(tree)
    await tree.set('a', 1)
    const filters = { a: { readObject: (object: StateObject) => object } }
    const one = stateServer(tree, { filters })
    const first = await new StateClient().subscribe(one, '/a')
    const again = await new StateClient().subscribe(one, `/a?v=${first.version}`)
    expect(again.told).toHaveLength(0)
    const other = stateServer(tree, { filters })
    expect((await new StateClient().subscribe(other, `/a?v=${first.version}`)).told).toHaveLength(1)
    await Promise.all([one.close(), other.close()])
  })
})

describe('S5: a slow subscriber', () => {
  it('is passed over, and gets what stands there when it reads on', async () => {
    const { tree, server, get } = await served({ unsentBytes: 2_000 })
    const slow = await new StateClient().subscribe(server, '/l/*')
    slow.isStuck = true
    for (let at = 0; at < 50; at++) await tree.push('l/*', { at, large })
    expect(slow.told.length).toBeLessThan(5)
    slow.drain()
    expect(slow.told.at(-1)?.snapshot).toBe(true)
    expect(slow.value).toEqual(await get('/l/*'))
    await tree.push('l/*', 'more')
    expect(slow.told.at(-1)?.snapshot).toBe(false)
    expect(slow.value).toEqual(await get('/l/*'))
  })

  it('is dropped when it stays behind, or gives no sign of life', async () => {
    const runtime = handDriven()
    const { tree, server } = await served({ unsentBytes: 100, runtime }, { runtime })
    const slow = await new StateClient().subscribe(server, '/a')
    const silent = await new StateClient().subscribe(server, '/b')
    const good = await new StateClient().subscribe(server, '/b')
    slow.isStuck = true
    for (let at = 0; at < 5; at++) await tree.set('a', { at, large })
    const beat = () => {
      runtime.pass(60_000)
      slow.peer?.heard()
      good.peer?.heard()
    }
    beat()
    expect([slow.isTerminated, silent.isTerminated, silent.pings]).toEqual([true, false, 1])
    beat()
    beat()
    expect([silent.isTerminated, good.isTerminated, good.pings]).toEqual([true, false, 3])
    expect(await pools(server)).toEqual([{ key: 'b', connections: 1 }])
  })

  it('is dropped when all together hold too much', async () => {
    const { tree, server } = await served({ allUnsentBytes: 500 })
    const clients = [new StateClient(), new StateClient()] as const
    for (const client of clients) await client.subscribe(server, '/a')
    clients[0].isStuck = true
    for (let at = 0; at < 10; at++) await tree.set('a', { at, large })
    expect(clients.map(({ isTerminated }) => isTerminated)).toEqual([true, false])
  })
})

describe('who may subscribe', () => {
  it.each([
    ['/_a', /400 .*begin and end/],
    ['/sync/x', /400 .*reserved/],
    ['/a//b', /400/],
    ['/%ff', /400/],
  ])('nobody to %s', async (path, words) => {
    const { server } = await served()
    await expect(new StateClient().subscribe(server, path)).rejects.toThrow(words)
    expect(await pools(server)).toEqual([])
  })

  it('only pages of the same host, or named ones', async () => {
    const { server } = await served({ cors: { origins: ['http://a.test'] } })
    const from = (origin: string) =>
      new StateClient().subscribe(server, '/a', { origin, host: 'localhost' })
    await expect(from('http://b.test')).rejects.toThrow(/403/)
    await from('http://a.test')
    await from('http://localhost')
  })

  it('is asked of the application', async () => {
    const gone: string[] = []
    const { server } = await served({
      onSubscribe: (path) => {
        if (path === 'secret') throw new Error('not for you')
      },
      onUnsubscribe: (path) => gone.push(path),
    })
    await expect(new StateClient().subscribe(server, '/secret')).rejects.toThrow('400 not for you')
    const client = await new StateClient().subscribe(server, '/a')
    client.peer?.gone()
    client.peer?.gone()
    expect(gone).toEqual(['a'])
    const answer = await server.admit(new Request('http://localhost/b'))
    if (!(answer instanceof Response)) answer.abandon()
    await expect(new StateClient().subscribe(server, '/sync')).rejects.toThrow(/400/)
    expect(gone).toEqual(['a', 'b', 'sync'])
    expect(await pools(server)).toEqual([])
  })
})

it('the clock tells nanoseconds about every second', async () => {
  const runtime = handDriven()
  const { server } = await served({ runtime })
  const answer = await server.admit(new Request('http://localhost/'))
  if (answer instanceof Response) throw new Error('refused')
  const told: string[] = []
  const socket = {
    bufferedAmount: 0,
    send: (message: Uint8Array) => told.push(new TextDecoder().decode(message)),
    ping() {},
    close() {},
    terminate() {},
  }
  const peer = answer.accept(socket)
  for (let seconds = 0; seconds < 3; seconds++) runtime.pass(1_000)
  peer.gone()
  runtime.pass(1_000)
  const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n
  expect(told).toEqual([0n, 1n, 2n, 3n].map((at) => `${start + at * 1_000_000_000n}`))
  expect(runtime.pending).toBe(0)
})

it('a server that closes says goodbye to all, and takes nobody any more', async () => {
  const { server } = await served()
  const client = await new StateClient().subscribe(server, '/a')
  await server.close()
  expect(client.closed).toEqual({ code: 1001, reason: 'the server is shutting down' })
  await expect(new StateClient().subscribe(server, '/a')).rejects.toThrow(/503/)
})

async function pools(server: ServedState['server']): Promise<unknown> {
  const answer = await server.handle(new Request('http://localhost/?api=state'))
  return (await answer.json()).pools
}

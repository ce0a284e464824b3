import { describe, expect, it } from 'vitest'
import { lineTo, until } from '../../test/linked.ts'
import { eventually } from '../../test/options/each-option.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions, type SyncResult } from './index.ts'

describe('a node with several remotes', () => {
  it('syncs with each, and brings what is new from one to the other', async () => {
    const { node, hub, other } = await world()
    await node.append([note('n')])
    await hub.append([note('h')])
    await other.append([note('o')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 2, pulled: 2 })
    await node.sync()
    for (const store of [hub, other]) expect((await store.status()).events).toBe(3n)
    await node.close()
  })

  it('syncs with the one that is named', async () => {
    const { node, hub, other } = await world()
    await node.append([note('n')])
    expect(await node.push({ remote: 'other' })).toMatchObject({ remote: 'other', pushed: 1 })
    expect((await hub.status()).events).toBe(0n)
    expect((await other.status()).events).toBe(1n)
    await other.append([note('o')])
    expect(await node.pull({ remote: 'other' })).toMatchObject({ pulled: 1 })
    await expect(node.sync({ remote: 'nowhere' })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('"hub" or "other"'),
    })
    await node.close()
  })

  it('is not held up by one that is away: the result has its error, and the sums', async () => {
    const { node, hub, lines } = await world()
    await node.append([note('n')])
    lines.other.cut()
    const results: SyncResult[] = []
    node.subscribe((result) => results.push(result))
    const progress: number[] = []
    const result = await node.sync({ onProgress: ({ pushed }) => progress.push(pushed) })
    expect(result).toMatchObject({ ok: false, pushed: 1, errors: [{ code: 'network' }] })
    expect(result).not.toHaveProperty('remote')
    expect(progress.at(-1)).toBe(1)
    expect((await hub.status()).events).toBe(1n)
    expect(results.map(({ remote, ok }) => `${remote} ${ok}`).toSorted()).toEqual([
      'hub true',
      'other false',
    ])
    await node.close()
  })

  it('follows all of them, each by itself, and tells why one does not drain', async () => {
    const { node, hub, other, lines, runtime } = await world({ realtime: true })
    node.startAutoSync()
    await until(() => node.links().every(({ phase }) => phase === 'live'))
    await hub.append([note('h')])
    await until(async () => (await other.status()).events === 1n)
    lines.other.cut()
    await until(() => node.links()[1]?.phase === 'waiting')
    await node.append([note('n')])
    await until(async () => (await hub.status()).events === 2n)
    expect((await node.explain()).blocked).toBeUndefined()
    expect(await node.explain('other')).toMatchObject({
      remote: 'other',
      unsent: { count: 1 },
      blocked: { cause: 'unreachable', since: runtime.now() },
    })
    lines.other.heal()
    runtime.pass(250)
    node.nudge()
    runtime.pass(0)
    await until(async () => (await other.status()).events === 2n)
    await node.close()
  })

  it('pauses one of them', async () => {
    const { node, hub, other } = await world({ realtime: true })
    node.startAutoSync()
    await until(() => node.links().every(({ phase }) => phase === 'live'))
    const [, link] = node.links()
    link?.pause()
    await node.append([note('n')])
    await until(async () => (await hub.status()).events === 1n)
    expect(await node.explain('other')).toMatchObject({
      unsent: { count: 1 },
      blocked: { cause: 'paused' },
    })
    expect((await other.status()).events).toBe(0n)
    link?.resume()
    await until(async () => (await other.status()).events === 1n)
    await node.close()
  })

  it('confirms by the primary one, or by the one that is named', async () => {
    const { node, hub, other } = await world({ primary: 'other' })
    const { confirmed } = await node.append([note('n')], { until: 'remote' })
    expect((await other.status()).events).toBe(1n)
    expect((await hub.status()).events).toBe(0n)
    await confirmed('hub')
    expect((await hub.status()).events).toBe(1n)
    await node.close()
  })

  it('has a health check for each', async () => {
    const names: string[] = []
    const health = {
      register(name: string) {
        names.push(name)
        return () => void names.splice(names.indexOf(name), 1)
      },
    }
    const { node } = await world({ health })
    expect(names).toEqual(['storage', 'transport', 'transport:other'])
    await node.close()
    expect(names).toEqual([])
  })

  it.each([
    ['a transport as well', { transport: 'hub' }, /remotes must be left out/],
    ['no remote at all', { remotes: {} }, /remotes/],
    ['something else', { remotes: { hub: 5 } }, /remotes\.hub must be a transport/],
    ['a primary that is none of them', { primary: 'nobody' }, /primary must be the name/],
  ])('refuses %s', async (_, options, words) => {
    const hub = memoryTransport(await MemoryStore.open())
    const given = 'transport' in options ? { transport: hub } : options
    const store = await MemoryStore.open()
    const make = () =>
      new SyncNode({ store, remotes: { hub }, ...given } as unknown as SyncNodeOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    expect(make).toThrow(words)
  })
})

describe('a node that is closed', () => {
  it('pushes what is left when its remotes are there, and says what is unsent where they are not', async () => {
    const { node, hub, other, lines } = await world({ interval: 60_000 })
    node.startAutoSync()
    await node.sync()
    await node.append([note('n1'), note('n2')])
    lines.other.cut()
    await node.sync()
    await node.append([note('n3')])
    expect(await node.close()).toEqual({
      remotes: [
        { remote: 'hub', unsent: { count: 0, more: false } },
        { remote: 'other', unsent: { count: 3, more: false } },
      ],
    })
    expect((await hub.status()).events).toBe(3n)
    expect((await other.status()).events).toBe(0n)
  })

  it('takes no longer than its budget', async () => {
    const { node, lines, runtime } = await world({ realtime: true })
    node.startAutoSync()
    await until(() => node.links().every(({ phase }) => phase === 'live'))
    lines.hub.hang('push')
    await node.append([note('n')])
    const closing = node.close({ within: 500 })
    let isClosed = false
    void closing.then(() => {
      isClosed = true
    })
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    expect(isClosed).toBe(false)
    runtime.pass(500)
    await eventually(() => {
      runtime.pass(500)
      return isClosed
    })
    expect((await closing).remotes[0]).toEqual({ remote: 'hub', unsent: { count: 1, more: false } })
  })

  it('pushes nothing unless it syncs by itself or is told to', async () => {
    const quiet = await world()
    await quiet.node.append([note('n')])
    expect(await quiet.node.close()).toEqual({ remotes: [{ remote: 'hub' }, { remote: 'other' }] })
    expect((await quiet.hub.status()).events).toBe(0n)
    const told = await world()
    await told.node.append([note('n')])
    const { remotes } = await told.node.close({ flush: true })
    expect(remotes.map(({ unsent }) => unsent?.count)).toEqual([0, 0])
    expect((await told.hub.status()).events).toBe(1n)
  })

  it.each([
    ['flush', { flush: 1 }],
    ['within', { within: -1 }],
  ])('refuses a wrong %s, and stays open', async (name, options) => {
    const { node } = await world()
    expect(() => node.close(options as object)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(name) }),
    )
    await node.append([note('n')])
    await node.close()
  })
})

async function world(options: Partial<SyncNodeOptions> = {}) {
  const store = await MemoryStore.open({ node: 'laptop' })
  const hub = await MemoryStore.open({ node: 'hub' })
  const other = await MemoryStore.open({ node: 'other' })
  const runtime = handDriven()
  const lines = { hub: lineTo(memoryTransport(hub)), other: lineTo(memoryTransport(other)) }
  const remotes = { hub: lines.hub.transport, other: lines.other.transport }
  const node = new SyncNode({ store, remotes, runtime, retry: false, ...options })
  return { node, hub, other, lines, runtime }
}

const note = (id: string) => ({ id, type: 'noted', aggregateId: `a-${id}`, data: { id } })

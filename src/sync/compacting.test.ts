import { describe, expect, it } from 'vitest'
import { snapshotType } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions } from './index.ts'

type Account = { Paid: { cents: number }; 'rejoin.snapshot': { cents: number } }

describe('a node that compacts its store', () => {
  it('means the same as before, and brings a new device what it needs to', async () => {
    const { hub, one } = await setUp()
    await pay(one, 5, 6)
    await one.snapshot('acc', total)
    await pay(one, 7)
    const before = await historyOf(one)
    await one.sync()
    expect(await one.compact({ olderThan: 0 })).toMatchObject({
      compacted: 2,
      aggregates: 1,
      kept: [],
    })
    expect(await historyOf(one)).toEqual(before)
    await hub.compact({ olderThan: 0, silence: 0 })
    const fresh = await nodeOn(hub)
    expect((await fresh.sync()).ok).toBe(true)
    expect(await historyOf(fresh)).toEqual(before)
    expect((await Array.fromAsync(fresh.read())).map(({ event }) => event.type)).toEqual([
      snapshotType,
      'Paid',
    ])
  })

  it('C3: strands no outbox: nothing goes that no remote has, nor before it has met each', async () => {
    const { one } = await setUp()
    await pay(one, 5)
    await one.snapshot('acc', total)
    const early = await one.compact({ olderThan: 0 })
    expect(early).toMatchObject({ compacted: 0, kept: [{ reason: 'behind', aggregates: 1 }] })
    await one.pull()
    expect((await one.compact({ olderThan: 0 })).compacted).toBe(0)
    await one.push()
    expect((await one.compact({ olderThan: 0 })).compacted).toBe(1)
    await pay(one, 6)
    await one.snapshot('acc', total)
    expect(await one.compact({ olderThan: 0 })).toMatchObject({
      compacted: 0,
      kept: [{ reason: 'unsent' }],
    })
  })

  it('takes in what a device was away with, on parents that are compacted here and on the hub', async () => {
    const { hub, one } = await setUp()
    const away = await nodeOn(hub)
    await pay(one, 5)
    await one.sync()
    await away.sync()
    // On the compacted parent, and not sent before the hub has compacted it.
    await pay(away, 100)
    await pay(one, 6)
    await one.snapshot('acc', total)
    await one.sync()
    expect((await one.compact({ olderThan: 0 })).compacted).toBe(2)
    const gone = await hub.compact({ olderThan: 0 })
    expect(gone.compacted).toBe(0)
    expect(gone.kept).toContainEqual(
      expect.objectContaining({ reason: 'reader', name: (await away.status()).origin }),
    )
    const names = gone.kept.flatMap(({ name }) => (name === undefined ? [] : [name]))
    expect((await hub.compact({ olderThan: 0, leaveBehind: names })).compacted).toBe(2)
    expect(await away.sync()).toMatchObject({ ok: true, errors: [] })
    await one.sync()
    for (const node of [one, away]) expect(await sumOf(node)).toBe(111)
    expect(await historyOf(away)).toEqual(await historyOf(one))
    expect(await Array.fromAsync(away.conflicts())).toMatchObject([{ outcome: 'review' }])
    // Its own copy of the parent is as it was: what it has lost nothing of, it keeps.
    const kept = await Array.fromAsync(away.read({ aggregateId: 'acc' }))
    expect(kept.map(({ event }) => (event.data as { cents: number }).cents)).toEqual([5, 100, 11])
  })

  it('lets a client that is half-way through a pull go on', async () => {
    const { hub, one } = await setUp()
    await pay(one, 1, 2, 3, 4, 5, 6)
    await one.snapshot('acc', total)
    await pay(one, 7)
    await one.sync()
    const store = await MemoryStore.open({ node: 'half' })
    const half = memoryTransport(hub)
    let pages = 0
    const transport = Object.assign(Object.create(half), {
      pull: async (...args: Parameters<typeof half.pull>) => {
        const page = await half.pull(...args)
        if (++pages === 2) expect((await hub.compact({ olderThan: 0 })).compacted).toBe(6)
        return page
      },
    })
    const node = new SyncNode<Account>({ store, transport, batchSize: 2, retry: false })
    expect(await node.sync()).toMatchObject({ ok: true, errors: [] })
    expect(pages).toBeGreaterThan(2)
    const stubs = (await store.entries({})).entries.map(({ event }) => event.stub)
    expect(stubs.filter((stub) => stub === 'compacted')).toHaveLength(2)
    expect(await historyOf(node)).toEqual(await historyOf(one))
    expect(await sumOf(node)).toBe(28)
  })

  it('C3: keeps what lost for 30 days after the snapshot, by its own clock, unless told otherwise', async () => {
    const runtime = { ...systemRuntime, wall: systemRuntime.now(), now: () => runtime.wall }
    const store = await MemoryStore.open({ runtime })
    const node = new SyncNode<Account>({ store })
    await pay(node, 5)
    await node.snapshot('acc', total)
    const young = { compacted: 0, kept: [{ reason: 'young', aggregates: 1, aggregateId: 'acc' }] }
    expect(await node.compact()).toMatchObject(young)
    runtime.wall += 86_400_000
    expect(await node.compact()).toMatchObject(young)
    expect(await node.compact({ olderThan: 86_400_001 })).toMatchObject(young)
    expect(await node.compact({ olderThan: 86_400_000 })).toMatchObject({ compacted: 1, kept: [] })
    await expect(node.compact({ olderThan: -1 })).rejects.toThrow(/olderThan/)
    await node.close()
  })

  it('waits for read models and subscriptions in its file, also for those that do not run', async () => {
    const store = await SqliteStore.open({ path: ':memory:' })
    const node = new SyncNode<Account>({ store })
    const sums = node.project<number>({
      name: 'sums',
      initial: 0,
      on: { Paid: (sum, { data }) => sum + data.cents },
      snapshot: (_, { cents }) => cents,
    })
    const heard: string[] = []
    const mail = node.follow({
      name: 'mail',
      poison: 'deadLetter',
      handler: ({ event }) => {
        if (event.type === 'Paid') throw new Error('no mail today')
        heard.push(event.type)
      },
    })
    await pay(node, 5)
    await sums.run()
    await mail.run()
    await node.snapshot('acc', total)
    const other = new SyncNode<Account>({ store })
    const early = await other.compact({ olderThan: 0 })
    expect(early.kept.map(({ reason }) => reason)).toContain('behind')
    await sums.run()
    await mail.run()
    expect(await other.compact({ olderThan: 0 })).toMatchObject({
      compacted: 0,
      kept: [{ reason: 'parked', name: 'subscription:mail' }],
    })
    const leaveBehind = ['subscription:mail']
    expect((await other.compact({ olderThan: 0, leaveBehind })).compacted).toBe(1)
    expect([await sums.get('acc'), heard]).toEqual([5, [snapshotType]])
    await sums.rebuild()
    expect(await sums.get('acc')).toBe(5)
    await node.close()
  })

  it('says so when its store can not', async () => {
    const store = await MemoryStore.open({})
    const without = new Proxy(store, {
      get: (target, name) => {
        const member: unknown = name === 'compact' ? undefined : Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    const node = new SyncNode<Account>({ store: without })
    await expect(node.compact()).rejects.toThrow('the store of this node has no compact')
  })
})

async function setUp() {
  const hub = await MemoryStore.open({ node: 'hub' })
  return { hub, one: await nodeOn(hub) }
}

async function nodeOn(hub: MemoryStore, options: Partial<SyncNodeOptions<Account>> = {}) {
  const store = await MemoryStore.open({})
  return new SyncNode<Account>({ store, transport: memoryTransport(hub), retry: false, ...options })
}

async function pay(node: SyncNode<Account>, ...amounts: readonly number[]): Promise<void> {
  for (const cents of amounts)
    await node.append([{ type: 'Paid', aggregateId: 'acc', data: { cents } }])
}

function total(history: readonly { readonly type: string; readonly data: unknown }[]) {
  let sum = 0
  for (const { data } of history) {
    const { cents } = data as { cents: number }
    sum += cents
  }
  return { cents: sum }
}

async function sumOf(node: SyncNode<Account>): Promise<number> {
  return total(await node.history('acc')).cents
}

async function historyOf(node: SyncNode<Account>): Promise<unknown> {
  return (await node.history('acc')).map(({ event, data }) => [event.toJSON(), data])
}

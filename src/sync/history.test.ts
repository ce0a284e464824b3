import { expect, expectTypeOf, it } from 'vitest'
import { defineRules } from '../conflict/index.ts'
import type { EffectiveEvent } from '../contracts/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions } from './index.ts'

const merging = defineRules({ fallback: 'merge-fields' })

it('two nodes that wrote at once have one history after they synced, and new facts only in the middle', async () => {
  await using fleet = await open({ rules: merging })
  const { one, other } = fleet
  await one.append([set({ name: 'Ann', age: 30 })])
  await syncAll(fleet)
  await one.append([set({ name: 'Anna' })])
  await other.append([set({ age: 31 })])
  expect((await one.history('user')).map(({ data }) => data)).toEqual([
    { name: 'Ann', age: 30 },
    { name: 'Anna' },
  ])
  await syncAll(fleet)
  const expected = [
    { name: 'Ann', age: 30 },
    { name: 'Anna', age: 31 },
  ]
  for (const node of [one, other])
    expect((await node.history('user')).map(({ data }) => data)).toEqual(expected)
  // Whatever was decided, the facts are there.
  expect(await Array.fromAsync(one.readAggregate('user'))).toHaveLength(3)
})

it('without rules, all events count', async () => {
  await using fleet = await open({})
  await fleet.one.append([set(1)])
  await fleet.other.append([set(2)])
  await syncAll(fleet)
  expect(await fleet.one.history('user')).toHaveLength(2)
})

it('stubs are not in it, and connect what is', async () => {
  await using hub = await MemoryStore.open({ node: 'hub' })
  await hub.append([set(1), { ...set(2), type: 'Hidden' }, set(3)])
  const rules = defineRules({ fallback: 'last-write-wins' })
  const store = await MemoryStore.open({ node: 'n' })
  const transport = memoryTransport(hub)
  await using node = new SyncNode({ store, transport, filter: { types: ['Set'] }, rules })
  await node.sync()
  expect((await node.history('user')).map(({ data }) => data)).toEqual([1, 3])
})

it('data of older schema versions is read as today’s, before it is merged', async () => {
  const upcasters = { Set: [(old: { first: string }) => ({ name: old.first })] }
  await using fleet = await open({ rules: merging, upcasters: upcasters as never })
  await fleet.one.append([{ ...set({ first: 'Ann' }), schemaVersion: 1 }])
  await fleet.other.append([set({ age: 31 })])
  await syncAll(fleet)
  expect((await fleet.other.history('user')).map(({ data }) => data)).toEqual([
    { name: 'Ann', age: 31 },
  ])
})

it('what newer code wrote is not merged before the upgrade: it waits for review', async () => {
  await using fleet = await open({ rules: merging, upcasters: {} })
  await using newer = await MemoryStore.open({ node: 'newer' })
  await newer.append([{ ...set({ fullName: 'Ann' }), schemaVersion: 2 }])
  const carrier = new SyncNode({ store: newer, transport: memoryTransport(fleet.hub) })
  await carrier.sync()
  await fleet.one.append([set({ age: 31 })])
  await syncAll(fleet)
  const history = await fleet.one.history('user')
  expect(history.map(({ data }) => data)).toHaveLength(2)
  expect(history.map(({ event }) => event.newer).toSorted()).toEqual([false, true])
})

it('is read over as many pages as it takes', async () => {
  await using node = new SyncNode({ store: await MemoryStore.open({ node: 'n' }) })
  for (let round = 0; round < 3; round++)
    await node.append(Array.from({ length: 900 }, (_, at) => set(round * 900 + at)))
  const history = await node.history('user')
  expect(history.map(({ data }) => data)).toEqual(Array.from({ length: 2_700 }, (_, at) => at))
  expect(await node.history('nobody')).toEqual([])
})

it('can be called off, and ends with the node', async () => {
  const node = new SyncNode({ store: await MemoryStore.open({ node: 'n' }) })
  await expect(node.history('user', { signal: AbortSignal.abort() })).rejects.toThrow()
  await expect(node.history('')).rejects.toMatchObject({ code: 'invalid_argument' })
  await node.close()
  await expect(node.history('user')).rejects.toMatchObject({ code: 'closed' })
})

it('has data that follows from the type', () => {
  type Answer = Awaited<ReturnType<SyncNode<{ Set: { name: string } }>['history']>>
  expectTypeOf<Answer>().toEqualTypeOf<readonly EffectiveEvent<'Set', { name: string }>[]>()
})

async function open(options: Partial<SyncNodeOptions>) {
  const hub = await MemoryStore.open({ node: 'hub' })
  const nodeOf = async (node: string) =>
    new SyncNode({
      store: await MemoryStore.open({ node }),
      transport: memoryTransport(hub),
      ...options,
    })
  const [one, other] = [await nodeOf('one'), await nodeOf('other')]
  return {
    hub,
    one,
    other,
    async [Symbol.asyncDispose]() {
      for (const end of [one, other, hub]) await end.close()
    },
  }
}

async function syncAll({ one, other }: { one: SyncNode; other: SyncNode }): Promise<void> {
  for (const node of [one, other, one]) expect(await node.sync()).toMatchObject({ ok: true })
}

function set(data: unknown) {
  return { type: 'Set', aggregateId: 'user', data }
}

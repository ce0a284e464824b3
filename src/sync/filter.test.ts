import { describe, expect, expectTypeOf, it } from 'vitest'
import type { EventFilter, LogEvent } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions } from './index.ts'

interface Orders {
  OrderPlaced: { readonly total: number }
  OrderShipped: { readonly carrier: string }
}

describe('a node with a filter', () => {
  it('reads what its filter shows, counts it, and fills in the rest when it is dropped', async () => {
    const hub = await MemoryStore.open({ node: 'hub' })
    const [shop, depot] = [await storeOf('shop'), await storeOf('depot')]
    await using atShop = nodeOf(shop, hub)
    await atShop.append([
      { type: 'OrderPlaced', aggregateId: 'order-1', data: { total: 5 } },
      { type: 'OrderShipped', aggregateId: 'order-1', data: { carrier: 'van' } },
    ])
    expect(await atShop.sync()).toMatchObject({ ok: true, pushed: 2 })

    const atDepot = nodeOf(depot, hub, { types: ['OrderShipped'] })
    expect(await atDepot.sync()).toMatchObject({ ok: true, pulled: 1 })
    expect(await typesIn(atDepot)).toEqual(['OrderShipped'])
    expect(await atDepot.heads('order-1')).toEqual(await atShop.heads('order-1'))
    const { events } = await atDepot.append([
      { type: 'OrderPlaced', aggregateId: 'order-1', data: { total: 6 } },
    ])
    expect(events[0]?.parents).toEqual(await atShop.heads('order-1'))
    expect(await atDepot.sync()).toMatchObject({ ok: true, pushed: 0 })

    await using all = nodeOf(depot, hub)
    expect(await all.sync()).toMatchObject({ ok: true, pushed: 1, pulled: 1 })
    expect((await typesIn(all)).toSorted()).toEqual(['OrderPlaced', 'OrderPlaced', 'OrderShipped'])
  })

  it('gives as many entries as were asked for, however many stubs stand between', async () => {
    const hub = await MemoryStore.open({ node: 'hub' })
    for (const type of ['y', 'y', 'x', 'y', 'x', 'y', 'x'])
      await hub.append([{ type, aggregateId: 'a' }])
    await using node = new SyncNode({
      store: await storeOf('n'),
      transport: memoryTransport(hub),
      filter: { types: ['x'] },
    })
    await node.sync()
    expect(await Array.fromAsync(node.read({ count: 2 }))).toHaveLength(2)
    expect(await Array.fromAsync(node.read())).toHaveLength(3)
  })

  it('refuses one that makes no sense, by name', async () => {
    const store = await storeOf('n')
    const make = (filter: unknown) => () => new SyncNode({ store, filter } as SyncNodeOptions)
    expect(make({ types: 'x' })).toThrow(/filter.types must be a list/)
    expect(make({ key: 'k' })).toThrow(/filter.matches is missing/)
    expect(make(() => true)).toThrow(/filter must be an object/)
  })

  it('knows the application’s event types', () => {
    type Filter = NonNullable<SyncNodeOptions<Orders>['filter']>
    const filter: Filter = { types: ['OrderPlaced'] }
    // @ts-expect-error there is no such event type
    const misspelt: Filter = { types: ['OrderPlace'] }
    const code: Filter = {
      key: 'large',
      matches: (event) => event.type === 'OrderPlaced' && event.data.total > 100,
    }
    expect([filter, misspelt, code]).toHaveLength(3)
    expectTypeOf<SyncNodeOptions['filter']>().toEqualTypeOf<
      EventFilter<LogEvent<string, unknown>> | undefined
    >()
  })
})

async function storeOf(node: string): Promise<MemoryStore> {
  return MemoryStore.open({ node })
}

function nodeOf(store: MemoryStore, hub: MemoryStore, filter?: SyncNodeOptions<Orders>['filter']) {
  const transport = memoryTransport(hub)
  return new SyncNode<Orders>({ store, transport, ...(filter && { filter }) })
}

async function typesIn(node: SyncNode<Orders>): Promise<readonly string[]> {
  const entries = await Array.fromAsync(node.read())
  return entries.map(({ event }) => event.type)
}

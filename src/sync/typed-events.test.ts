import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Appended, Stale } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SyncNode } from './index.ts'

interface Shop {
  OrderPlaced: { readonly items: readonly string[] }
  OrderPaid: { readonly cents: number }
  OrderShipped: null
}

describe('the types of events', () => {
  it('say what data belongs to which type, at an append', async () => {
    const node = await open()
    await node.append([
      { type: 'OrderPlaced', aggregateId: 'o', data: { items: ['tea'] } },
      { type: 'OrderPaid', aggregateId: 'o', data: { cents: 5 } },
      { type: 'OrderShipped', aggregateId: 'o' },
      { type: 'OrderPaid', aggregateId: 'o', dataText: '{"cents":6}' },
    ])
    const wrong = [
      // @ts-expect-error: the data of another type
      node.append([{ type: 'OrderPaid', aggregateId: 'o', data: { items: [] } }]),
      // @ts-expect-error: no such type
      node.append([{ type: 'OrderLost', aggregateId: 'o', data: {} }]),
      // @ts-expect-error: no aggregate
      node.append([{ type: 'OrderShipped' }]).catch(() => {}),
    ]
    await Promise.all(wrong)
  })

  it('narrow by the type, when read', async () => {
    const node = await open()
    await node.append([{ type: 'OrderPaid', aggregateId: 'o', data: { cents: 5 } }])
    for await (const event of node.readAggregate('o')) {
      expectTypeOf(event.type).toEqualTypeOf<'OrderPlaced' | 'OrderPaid' | 'OrderShipped'>()
      if (event.type !== 'OrderPaid') continue
      expectTypeOf(event.data).toEqualTypeOf<{ readonly cents: number }>()
      expect(event.data.cents).toBe(5)
    }
    for await (const { event } of node.read()) expectTypeOf(event).toEqualTypeOf<LogEvent>()
  })

  it('narrow by the type, when decided upon', async () => {
    const node = await open()
    const { events } = await node.decide('o', (history) => {
      const paid = history.reduce(
        (sum, one) => sum + (one.type === 'OrderPaid' ? one.data.cents : 0),
        0,
      )
      return [{ type: 'OrderPaid', aggregateId: 'o', data: { cents: paid + 1 } }]
    })
    expectTypeOf(events[0]!.type).toEqualTypeOf<'OrderPlaced' | 'OrderPaid' | 'OrderShipped'>()
    // @ts-expect-error: the decider answers with events of this map
    await node.decide('o', () => [{ type: 'Nothing', aggregateId: 'o' }])
  })

  it('make a caller look at stale only where it can come', async () => {
    const node = await open()
    const plain = await node.append([{ type: 'OrderShipped', aggregateId: 'o' }])
    expectTypeOf(plain.kind).toEqualTypeOf<'appended'>()
    const guarded = await node.append([{ type: 'OrderShipped', aggregateId: 'o' }], {
      expected: 'none',
    })
    expectTypeOf(guarded).toExtend<Pick<Appended, 'kind'> | Stale>()
    // @ts-expect-error: it may be stale
    const unseen = guarded.events
    expect(unseen).toBeUndefined()
    expect(guarded).toEqual({ kind: 'stale', aggregateId: 'o', heads: [plain.events[0]!.id] })
  })

  it('are any, when nothing is said about them', async () => {
    const node = new SyncNode({ store: await MemoryStore.open() })
    await node.append([{ type: 'whatever', aggregateId: 'o', data: [1, 'x'] }])
    for await (const event of node.readAggregate('o')) {
      expectTypeOf(event.type).toEqualTypeOf<string>()
      expectTypeOf(event.data).toEqualTypeOf<unknown>()
    }
  })
})

async function open(): Promise<SyncNode<Shop>> {
  return new SyncNode<Shop>({ store: await MemoryStore.open() })
}

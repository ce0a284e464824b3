import { describe, expect, it } from 'vitest'
import {
  copyOf,
  eventsOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  sync,
  trySync,
  write,
} from '../../test/fleet.ts'
import type { Transport } from '../contracts/index.ts'
import { type EventId, type LogEvent, type Origin, stubOf } from '../event/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { start } from '../version/index.ts'

describe('S4: a hub that was restored from an older backup', () => {
  it('gets back what a laptop had pushed', async () => {
    const { laptop, hub, backup } = await backedUpHub()
    await write(laptop, 'a', 'l2', 'l3')
    await sync(laptop, hub)
    const restored = await copyOf(hub, backup)
    await sync(laptop, restored)
    await expectSame(laptop, restored)
    expect(await idsOf(restored)).toContain('l3')
  })

  it('gets back what a laptop had only pulled, also while that one pushes', async () => {
    const { laptop, other, hub, backup } = await backedUpHub()
    await write(other, 'b', 'o2', 'o3')
    await write(hub, 'c', 'h2')
    await sync(other, hub)
    await sync(laptop, hub)
    const restored = await copyOf(hub, backup)
    await write(laptop, 'd', 'l2', 'l3', 'l4')
    await sync(laptop, restored, { batch: { count: 1 } })
    await expectSame(laptop, restored)
    expect(await idsOf(restored)).toEqual(expect.arrayContaining(['o2', 'o3', 'h2', 'l4']))
  })

  it('gets it back from a laptop that had never pushed anything', async () => {
    const hub = await machine('hub')
    const laptop = await machine('laptop')
    await write(hub, 'a', 'h1')
    const backup = hub.records.length
    await write(hub, 'a', 'h2', 'h3')
    await sync(laptop, hub)
    const restored = await copyOf(hub, backup)
    await write(laptop, 'b', 'l1')
    await sync(laptop, restored)
    await expectSame(laptop, restored)
    expect(await idsOf(restored)).toContain('h3')
  })

  it('may have gone on writing since', async () => {
    const { laptop, other, hub, backup } = await backedUpHub()
    await write(hub, 'a', 'h2', 'h3', 'h4')
    await sync(laptop, hub)
    const restored = await copyOf(hub, backup)
    await write(restored, 'a', 'r2')
    await write(laptop, 'a', 'l2')
    await sync(laptop, restored)
    await sync(other, restored)
    await sync(laptop, restored)
    await expectSame(laptop, restored, other)
    expect(await idsOf(laptop)).toEqual(expect.arrayContaining(['h4', 'r2', 'l2']))
  })

  it('may have gone on beyond where everybody’s cursors stand', async () => {
    const { laptop, other, hub, backup } = await backedUpHub()
    await write(laptop, 'a', 'l2')
    await sync(laptop, hub)
    await sync(other, hub)
    const restored = await copyOf(hub, backup)
    for (const id of ['r1', 'r2', 'r3', 'r4']) await write(restored, `of ${id}`, id)
    await sync(other, restored)
    await sync(laptop, restored)
    await sync(other, restored)
    await expectSame(laptop, restored, other)
    expect((await restored.store.status()).clashes).toBe(0n)
  })

  it('is noticed by a reader half-way through a log from which an event had moved on', async () => {
    const hub = await machine('hub')
    const laptop = await machine('laptop')
    for (const id of ['h1', 'h2', 'h3', 'h4']) await write(hub, `of ${id}`, id)
    const backup = hub.records.length
    await hub.store.erase(['h1' as EventId])
    await trySync(laptop, hub, { transport: cutAfterOnePage(hub), batch: { count: 2 } })
    expect(await idsOf(laptop)).toEqual(['h2', 'h3'])
    const restored = await copyOf(hub, backup)
    await sync(laptop, restored)
    await expectSame(laptop, restored)
    expect(await idsOf(laptop)).toContain('h1')
  })

  it('gets back content that a reader half-way through its log had got ahead, with a child', async () => {
    const hub = await machine('hub')
    const laptop = await machine('laptop')
    const other = await machine('other')
    await write(other, 'a', 'o1', 'o2')
    const [first, second] = (await eventsOf(other)) as [LogEvent, LogEvent]
    const via = first.origin as Origin
    await hub.store.apply({ via, role: 'pushed', changes: [stubOf(first), second] })
    await write(hub, 'b', 'h1', 'h2')
    const backup = hub.records.length
    await hub.store.apply({ via, role: 'pushed', changes: [first] })
    await trySync(laptop, hub, { transport: cutAfterOnePage(hub), batch: { count: 1 } })
    expect(await idsOf(laptop)).toEqual(['o1', 'o2'])
    const restored = await copyOf(hub, backup)
    await sync(laptop, restored)
    await expectSame(laptop, restored)
    expect((await restored.store.fetch([first.id]))[0]?.stub).toBe(null)
  })

  it('is noticed when it is restored between greeting and push', async () => {
    const { laptop, hub, backup } = await backedUpHub()
    await write(laptop, 'a', 'l2')
    await sync(laptop, hub)
    await write(laptop, 'a', 'l3')
    const restored = await copyOf(hub, backup)
    const before = memoryTransport(hub.store)
    let greeted = 0
    const transport = scriptedTransport(memoryTransport(restored.store), {
      hello: (hello, ...args) => (greeted++ < 2 ? before.hello(...args) : hello(...args)),
    })
    await sync(laptop, restored, { transport })
    expect(greeted).toBeGreaterThan(2)
    await expectSame(laptop, restored)
  })
})

it('S4: a push that overlaps the discovery of a restored hub leaves nothing out', async () => {
  const [laptop, other, hub] = [
    await machine('laptop'),
    await machine('other'),
    await machine('hub'),
  ]
  await write(other, 'a', 'o1')
  await sync(other, hub)
  const backup = hub.records.length
  await write(other, 'b', 'o2')
  await sync(other, hub)
  await sync(laptop, hub, { directions: { push: false, pull: true } })
  await write(laptop, 'c', 'l1')
  const restored = await copyOf(hub, backup)
  const { origin } = await hub.store.identity()
  const { generation } = await laptop.store.link(origin)
  let greeted = 0
  const transport = scriptedTransport(memoryTransport(restored.store), {
    hello: (hello, ...args) =>
      greeted++ < 2 ? memoryTransport(hub.store).hello(...args) : hello(...args),
    async push(push, ...args) {
      while ((await laptop.store.link(origin)).generation === generation) await Promise.resolve()
      return push(...args)
    },
  })
  await sync(laptop, restored, { transport })
  await expectSame(laptop, restored)
  expect(await idsOf(restored)).toContain('o2')
})

describe('S4: a hub that was wiped', () => {
  it('gets everything back, also what others had written', async () => {
    const { laptop, other, hub } = await backedUpHub()
    await write(other, 'b', 'o2')
    await sync(other, hub)
    await sync(laptop, hub)
    const wiped = await machine('hub')
    await sync(laptop, wiped)
    await expectSame(laptop, wiped)
    await sync(other, wiped)
    await expectSame(laptop, wiped, other)
  })
})

describe('S4: a laptop that was wiped', () => {
  it('gets its own events back under a new origin, and goes on', async () => {
    const { laptop, hub } = await backedUpHub()
    await write(laptop, 'a', 'l2')
    await sync(laptop, hub)
    const wiped = await machine('laptop')
    await write(wiped, 'a', 'new')
    await sync(wiped, hub)
    await expectSame(wiped, hub)
    expect((await hub.store.status()).clashes).toBe(0n)
  })
})

describe('S4: a laptop that was restored from an older backup', () => {
  it('gets its newest events back and goes on under a new origin', async () => {
    const { laptop, hub } = await backedUpHub()
    const backup = laptop.records.length
    const { origin } = await laptop.store.identity()
    await write(laptop, 'a', 'l2', 'l3')
    await sync(laptop, hub)
    const restored = await copyOf(laptop, backup)
    await sync(restored, hub)
    await expectSame(restored, hub)
    expect((await restored.store.identity()).origin).not.toBe(origin)
    await write(restored, 'a', 'l4')
    await sync(restored, hub)
    await expectSame(restored, hub)
    expect((await hub.store.status()).clashes).toBe(0n)
  })

  for (const [how, count] of [
    ['less', 1],
    ['as much', 2],
    ['more', 5],
  ] as const)
    it(`loses nothing when it has written ${how} since than what it had pushed`, async () => {
      const { laptop, hub, other } = await backedUpHub()
      const backup = laptop.records.length
      await write(laptop, 'a', 'l2', 'l3')
      await sync(laptop, hub)
      const restored = await copyOf(laptop, backup)
      for (let n = 0; n < count; n++) await write(restored, 'a', `since-${n}`)
      await sync(restored, hub)
      await sync(other, hub)
      await expectSame(restored, hub, other)
      const ids = await idsOf(hub)
      expect(ids).toEqual(expect.arrayContaining(['l2', 'l3', `since-${count - 1}`]))
      expect((await hub.store.status()).clashes).toBe(BigInt(Math.min(count, 2)))
    })

  it('is noticed when it had only carried the events of others', async () => {
    const { hub } = await backedUpHub()
    const [carrier, source] = [await machine('carrier'), await machine('source')]
    await sync(carrier, hub)
    const backup = carrier.records.length
    await write(source, 'a', 's1')
    await sync(source, carrier)
    await sync(carrier, hub)
    const restored = await copyOf(carrier, backup)
    await sync(restored, hub)
    await expectSame(restored, hub)
    expect(await idsOf(restored)).toContain('s1')
  })
})

describe('S4: one store that continues on two laptops', () => {
  it('goes on as two, and both get everything', async () => {
    const { laptop, hub } = await backedUpHub()
    const twin = await copyOf(laptop)
    for (let round = 0; round < 3; round++) {
      await write(laptop, 'a', `laptop-${round}`)
      await write(twin, 'a', `twin-${round}`)
      await sync(laptop, hub)
      await sync(twin, hub)
    }
    await sync(laptop, hub)
    await expectSame(laptop, twin, hub)
    const origins = [await laptop.store.identity(), await twin.store.identity()]
    expect(origins[0]?.origin).not.toBe(origins[1]?.origin)
    expect((await hub.store.status()).clashes).toBe(1n)
  })

  it('goes on as two when both sync in the same moment', async () => {
    const { laptop, hub } = await backedUpHub()
    const twin = await copyOf(laptop)
    await write(laptop, 'a', 'laptop-1', 'laptop-2')
    await write(twin, 'a', 'twin-1', 'twin-2')
    const batch = { count: 1 }
    await Promise.all([sync(laptop, hub, { batch }), sync(twin, hub, { batch })])
    await Promise.all([sync(laptop, hub), sync(twin, hub)])
    await sync(laptop, hub)
    await expectSame(laptop, twin, hub)
  })

  it('is noticed by the fork, when the other’s events came by another way', async () => {
    const { laptop, hub } = await backedUpHub()
    const [twin, relay] = [await copyOf(laptop), await machine('relay')]
    await write(laptop, 'a', 'laptop-1')
    await write(twin, 'a', 'twin-1')
    await sync(laptop, relay)
    let forked = 0
    const transport = scriptedTransport(memoryTransport(hub.store), {
      async push(push, ...args) {
        if (forked === 0) await sync(relay, hub)
        const answer = await push(...args)
        if (answer.kind === 'applied' && answer.receipts.some((one) => one.kind === 'forked'))
          forked++
        return answer
      },
    })
    await sync(twin, hub, { transport, directions: { push: true, pull: false } })
    expect(forked).toBe(1)
    await sync(twin, hub)
    await sync(laptop, hub)
    await sync(twin, hub)
    await expectSame(laptop, twin, hub)
  })

  it('may even sync with itself', async () => {
    const { laptop } = await backedUpHub()
    const twin = await copyOf(laptop)
    await sync(twin, laptop)
    await write(laptop, 'a', 'laptop-1')
    await write(twin, 'a', 'twin-1')
    await sync(twin, laptop)
    await expectSame(laptop, twin)
    await write(twin, 'a', 'twin-2')
    await write(laptop, 'a', 'laptop-2')
    await sync(laptop, twin)
    await expectSame(laptop, twin)
    const origins = [await laptop.store.identity(), await twin.store.identity()]
    expect(origins[0]?.origin).not.toBe(origins[1]?.origin)
  })
})

/** A hub that knows two laptops, and how many records it had when it was backed up. */
async function backedUpHub(): Promise<{
  readonly laptop: Machine
  readonly other: Machine
  readonly hub: Machine
  readonly backup: number
}> {
  const [laptop, other, hub] = [
    await machine('laptop'),
    await machine('other'),
    await machine('hub'),
  ]
  await write(laptop, 'a', 'l1')
  await write(other, 'a', 'o1')
  await write(hub, 'a', 'h1')
  await sync(laptop, hub)
  await sync(other, hub)
  await sync(laptop, hub)
  return { laptop, other, hub, backup: hub.records.length }
}

/** A way to it that breaks off after the first page of a pull. */
function cutAfterOnePage(hub: Machine): Transport<LogEvent> {
  return scriptedTransport(memoryTransport(hub.store), {
    pull: (pull, ...args) => (args[0] === start ? pull(...args) : Promise.reject(new Error('cut'))),
  })
}

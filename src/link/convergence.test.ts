import { describe, expect, it } from 'vitest'
import {
  eventsOf,
  expectSame,
  idsOf,
  machine,
  sync,
  trySync,
  unsynced,
  write,
} from '../../test/fleet.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'

describe('S1: replicas that sync', () => {
  it('hold the same events, byte for byte, after one sync of two', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'l1', 'l2')
    await write(hub, 'a', 'h1')
    await write(hub, 'b', 'h2')
    expect(await sync(laptop, hub)).toMatchObject({ pushed: 2, pulled: 2 })
    await expectSame(laptop, hub)
    expect(new Set(await hub.store.heads('a'))).toEqual(new Set(['l2', 'h1']))
  })

  it('agree when two laptops meet through a hub, whatever the order', async () => {
    const [one, two, hub] = [await machine('one'), await machine('two'), await machine('hub')]
    for (let round = 0; round < 3; round++) {
      await write(one, 'a', `one-${round}`)
      await write(two, 'a', `two-${round}`)
      await sync(one, hub)
      await sync(two, hub)
    }
    await sync(one, hub)
    await expectSame(one, two, hub)
    expect((await idsOf(hub)).length).toBe(6)
  })

  it('agree when everybody syncs at once', async () => {
    const hub = await machine('hub')
    const laptops = await Promise.all(['one', 'two', 'three'].map((name) => machine(name)))
    for (const [at, laptop] of laptops.entries())
      for (let n = 0; n < 20; n++) await write(laptop, `a${n % 3}`, `${at}-${n}`)
    const batch = { count: 3 }
    await Promise.all(laptops.map((laptop) => sync(laptop, hub, { batch })))
    await Promise.all(laptops.map((laptop) => sync(laptop, hub, { batch })))
    await expectSame(hub, ...laptops)
  })

  it('need no server: two nodes sync with each other, in turn and at once', async () => {
    const [one, two] = [await machine('one'), await machine('two')]
    await write(one, 'a', 'one-1')
    await write(two, 'a', 'two-1')
    await sync(one, two)
    await expectSame(one, two)
    await write(one, 'a', 'one-2')
    await write(two, 'a', 'two-2')
    await Promise.all([sync(one, two, { batch: { count: 1 } }), sync(two, one)])
    await expectSame(one, two)
    expect(await sync(two, one)).toMatchObject({ pushed: 0, pulled: 0 })
  })

  it('agree across two hubs that only one laptop connects', async () => {
    const [left, relay, right] = [
      await machine('left'),
      await machine('relay'),
      await machine('right'),
    ]
    const [west, east] = [await machine('west'), await machine('east')]
    await write(left, 'a', 'left-1', 'left-2')
    await write(right, 'a', 'right-1')
    await write(relay, 'a', 'relay-1')
    await sync(left, west)
    await sync(right, east)
    for (const hub of [west, east, west]) await sync(relay, hub)
    await write(left, 'a', 'left-3')
    await sync(left, west)
    await sync(relay, west)
    await sync(relay, east)
    await sync(right, east)
    await expectSame(west, east, left, right, relay)
    expect((await idsOf(left)).length).toBe(5)
  })

  it('agree when both hubs also sync with each other', async () => {
    const [laptop, west, east] = [
      await machine('laptop'),
      await machine('west'),
      await machine('east'),
    ]
    await write(laptop, 'a', 'l1')
    await sync(laptop, west)
    await sync(west, east)
    await write(laptop, 'a', 'l2')
    await sync(laptop, east)
    await sync(east, west)
    await sync(laptop, west)
    await expectSame(laptop, west, east)
    expect((await laptop.store.status()).clashes).toBe(0n)
  })
})

describe('one sync', () => {
  it('goes page by page at any batch size, and tells its progress', async () => {
    for (const count of [1, 2, 7, 100]) {
      const [laptop, hub] = [await machine('laptop'), await machine('hub')]
      for (let n = 0; n < 10; n++) {
        await write(laptop, `a${n % 2}`, `l${n}`)
        await write(hub, `a${n % 3}`, `h${n}`)
      }
      const told: { pushed: number; pulled: number }[] = []
      const result = await sync(laptop, hub, {
        batch: { count },
        onProgress: (one) => told.push(one),
      })
      expect(result).toMatchObject({ pushed: 10, pulled: 10 })
      expect(told.at(-1)).toEqual({ pushed: 10, pulled: 10 })
      expect(told.length).toBeGreaterThanOrEqual(Math.floor(20 / count))
      await expectSame(laptop, hub)
    }
  })

  it('goes page by page at any number of bytes', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'l1', 'l2', 'l3')
    await write(hub, 'b', 'h1', 'h2', 'h3')
    await sync(laptop, hub, { batch: { bytes: 1 } })
    await expectSame(laptop, hub)
  })

  it('sends no more at once than the remote takes', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    for (let n = 0; n < 7; n++) await write(laptop, 'a', `l${n}`)
    expect((await sync(laptop, hub, { remote: { limits: { count: 2 } } })).pushed).toBe(7)
    await expectSame(laptop, hub)
  })

  it('echoes nothing: what one side has brought is not sent back to it', async () => {
    const [laptop, other, hub] = [
      await machine('laptop'),
      await machine('other'),
      await machine('hub'),
    ]
    await write(laptop, 'a', 'l1', 'l2')
    await sync(laptop, hub)
    await write(other, 'a', 'o1')
    await sync(other, hub)
    const travelled: string[] = []
    const transport = scriptedTransport(memoryTransport(hub.store), {
      async pull(pull, ...args) {
        const page = await pull(...args)
        if (page.kind === 'page') travelled.push(...page.changes.map((event) => `from ${event.id}`))
        return page
      },
      push(push, batch, signal) {
        travelled.push(...batch.changes.map((event) => `to ${event.id}`))
        return push(batch, signal)
      },
    })
    await sync(laptop, hub, { transport })
    expect(travelled).toEqual(['from o1'])
    await write(laptop, 'a', 'l3')
    await sync(laptop, hub, { transport })
    expect(travelled).toEqual(['from o1', 'to l3'])
  })

  it('of two that have nothing new moves nothing', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'l1')
    await sync(laptop, hub)
    await sync(laptop, hub)
    // The hub hears with the next greeting how far the laptop has come, and writes that down.
    await sync(laptop, hub)
    const before = [laptop.records.length, hub.records.length]
    const calls: string[] = []
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push: (push, ...args) => {
        calls.push('push')
        return push(...args)
      },
      pull: (pull, ...args) => {
        calls.push('pull')
        return pull(...args)
      },
    })
    expect(await sync(laptop, hub, { transport })).toMatchObject({ pushed: 0, pulled: 0 })
    expect(calls).toEqual(['pull'])
    expect([laptop.records.length, hub.records.length]).toEqual(before)
  })

  it('can go one way', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'l1')
    await write(hub, 'a', 'h1')
    const up = { push: true, pull: false }
    const down = { push: false, pull: true }
    expect(await sync(laptop, hub, { directions: up })).toMatchObject({ pushed: 1, pulled: 0 })
    expect(await idsOf(laptop)).toEqual(['l1'])
    expect(await unsynced(laptop, hub)).toBe(0n)
    await write(laptop, 'a', 'l2')
    expect(await sync(laptop, hub, { directions: down })).toMatchObject({ pushed: 0, pulled: 1 })
    expect(await idsOf(hub)).toEqual(['h1', 'l1'])
    expect(await unsynced(laptop, hub)).toBe(1n)
  })

  it('takes along what is appended while it runs, or leaves it for the next', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'a', 'l1', 'l2')
    let more = 0
    const transport = scriptedTransport(memoryTransport(hub.store), {
      async push(push, ...args) {
        if (more++ < 3) {
          await write(laptop, 'a', `late-l${more}`)
          await write(hub, 'a', `late-h${more}`)
        }
        return push(...args)
      },
    })
    await sync(laptop, hub, { transport, batch: { count: 1 } })
    await sync(laptop, hub)
    await expectSame(laptop, hub)
  })

  it('ends where the remote’s log ended', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(hub, 'a', 'h1')
    const { remoteEnd } = await sync(laptop, hub)
    expect(remoteEnd).toBe((await hub.store.identity()).end)
  })

  it('carries events as they are, stubs and those without causality too', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await hub.store.append([
      {
        type: 'typed',
        aggregateId: 'a',
        dataText: '[9223372036854775807,1.0]',
        metadata: { by: 'ä' },
        schemaVersion: 3,
      },
    ])
    await sync(laptop, hub)
    await expectSame(laptop, hub)
    expect((await eventsOf(laptop))[0]?.dataText).toBe('[9223372036854775807,1.0]')
  })
})

describe('unsynced', () => {
  it('counts exactly what the remote has not confirmed, however positions differ', async () => {
    const [laptop, other, hub] = [
      await machine('laptop'),
      await machine('other'),
      await machine('hub'),
    ]
    await write(other, 'x', 'o1', 'o2', 'o3')
    await sync(other, hub)
    await write(laptop, 'a', 'l1', 'l2')
    await sync(laptop, hub, { directions: { push: false, pull: true } })
    expect(await unsynced(laptop, hub)).toBe(2n)
    await sync(laptop, hub)
    expect(await unsynced(laptop, hub)).toBe(0n)
    await write(laptop, 'x', 'l3')
    await write(other, 'a', 'o4')
    await sync(other, laptop)
    expect(await unsynced(laptop, hub)).toBe(2n)
    await sync(laptop, hub)
    expect(await unsynced(laptop, hub)).toBe(0n)
  })

  it('stays when the remote could not be reached', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await sync(laptop, hub)
    await write(laptop, 'a', 'l1', 'l2')
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push: async () => Promise.reject(gone),
    })
    const result = await trySync(laptop, hub, { transport })
    expect(result.errors[0]?.cause).toBe(gone)
    expect(await unsynced(laptop, hub)).toBe(2n)
  })
})

const gone = new Error('the cable is gone')

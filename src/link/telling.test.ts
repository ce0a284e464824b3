import { describe, expect, it } from 'vitest'
import { copyOf, expectSame, idsOf, type Machine, machine, write } from '../../test/fleet.ts'
import { level, lineTo, linked, phase, unreachable, until } from '../../test/linked.ts'
import { stateMember } from '../../test/state-fleet.ts'
import type { Hello, LinkedChange, Transport } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import { seededRandom } from '../testing/simulator/random.ts'
import { type HandDriven, handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { parseCursor } from '../version/index.ts'
import { Link, syncOnce } from './index.ts'

const minutes = 60_000

describe('C3: a hub keeps what a reader has still to read', () => {
  it('that is gone after its first connection', async () => {
    const { laptop, hub, link, line } = await linked()
    await write(hub, 'a', 'h1', 'h2')
    expect(await mayGo(hub)).toBe(2n)
    link.start()
    await phase(link, 'live')
    line.cut()
    await write(hub, 'a', 'h3', 'h4')
    expect(await mayGo(hub)).toBe(2n)
    await link.close()
    expect(await idsOf(laptop)).toEqual(['h1', 'h2'])
  })

  it('that found nothing to read when it came, and is gone soon after there was', async () => {
    const { hub, link, line, runtime } = await linked()
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h1')
    await until(() => link.statistics.pages === 1)
    runtime.pass(10_000)
    await until(() => hellos(line.calls) === 2)
    line.cut()
    await write(hub, 'a', 'h2')
    expect(await mayGo(hub)).toBe(1n)
    await link.close()
  })

  it('that came once, for one sync', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(hub, 'a', 'h1')
    const line = lineTo(memoryTransport(hub.store))
    const once = () => syncOnce({ replica: laptop.store, transport: line.transport })
    await once()
    await write(hub, 'a', 'h2')
    expect(await mayGo(hub)).toBe(1n)
    // It is known from now on, and tells the rest when it comes back.
    const before = hellos(line.calls)
    await once()
    expect(hellos(line.calls) - before).toBe(2)
    expect(await mayGo(hub)).toBe(1n)
    await once()
    expect(await mayGo(hub)).toBe(2n)
  })

  it('that is live, and lets it go within minutes of its being read, over one stream', async () => {
    const { laptop, hub, link, runtime } = await linked()
    await write(hub, 'a', 'h1')
    link.start()
    await phase(link, 'live')
    for (const id of ['h2', 'h3']) {
      await write(hub, 'a', id)
      await level(laptop, hub)
      runtime.pass(5 * minutes)
      await until(async () => (await mayGo(hub)) === (await endOf(hub)))
    }
    expect(link.statistics).toMatchObject({ streams: 1, failures: 0 })
    await link.close()
  })

  it('that comes back, and lets it go at once when it has caught up', async () => {
    const { laptop, hub, link, line, runtime } = await linked()
    await write(hub, 'a', 'h1')
    link.start()
    await phase(link, 'live')
    line.cut()
    await phase(link, 'waiting')
    await write(hub, 'a', 'h2', 'h3')
    expect(await mayGo(hub)).toBe(1n)
    line.heal()
    runtime.pass(2_000)
    await phase(link, 'live')
    await level(laptop, hub)
    await until(async () => (await mayGo(hub)) === 3n)
    await link.close()
  })
})

describe('T2: a storage keeps the tombstones that a reader has still to read', () => {
  const day = 86_400_000
  const setUp = async () => {
    const time = { now: Date.UTC(2026, 0, 1) }
    const [one, hub] = [await stateMember('one', time), await stateMember('hub', time)]
    const runtime: HandDriven = Object.assign(handDriven(), { random: () => 0.5 })
    const transport = memoryTransport<LinkedChange>(hub.storage)
    const link = new Link<LinkedChange>({ replica: one.storage, transport, runtime })
    await hub.state.set('things/a', 1)
    link.start()
    await until(() => link.phase === 'live')
    const sweep = () => hub.storage.sweep({ minimumAge: day, horizon: 30 * day })
    return { one, hub, link, runtime, time, sweep }
  }

  it('that is gone after its first connection, whose writes are not late then', async () => {
    const { one, hub, link, time, sweep } = await setUp()
    link.stop()
    await one.state.set('things/b', 'written while away')
    time.now += 1_000
    await hub.state.delete('things/a')
    time.now += 2 * day
    expect(await sweep()).toMatchObject({ dropped: 0 })
    link.start()
    await until(async () => (await sweep()).dropped === 1)
    expect((await hub.state.get('things/b'))?.data).toBe('written while away')
    expect(await hub.storage.late()).toEqual([])
    await link.close()
  })

  it('that is live, and lets them go within minutes of their being read, over one stream', async () => {
    const { one, hub, link, runtime, time, sweep } = await setUp()
    await hub.state.delete('things/a')
    await until(async () => (await one.state.get('things/a')) === undefined)
    time.now += 2 * day
    expect(await sweep()).toMatchObject({ dropped: 0 })
    runtime.pass(5 * minutes)
    await until(async () => (await sweep()).dropped === 1)
    expect(link.statistics).toMatchObject({ streams: 1, failures: 0 })
    await link.close()
  })
})

describe('telling how far one has read', () => {
  it('costs nothing for each event, and nothing where nothing was read', async () => {
    const { laptop, hub, link, line } = await linked()
    await write(hub, 'a', 'h0')
    link.start()
    await phase(link, 'live')
    expect(hellos(line.calls)).toBe(2)
    for (let n = 1; n < 50; n++) await write(hub, 'a', `h${n}`)
    await level(laptop, hub)
    expect(hellos(line.calls)).toBe(2)
    // The greeting tells it.
    link.stop()
    link.start()
    await phase(link, 'live')
    await turns()
    expect(hellos(line.calls)).toBe(4)
    await link.close()
  })

  it('costs 100 links that got their first page together a word each, one after the other', async () => {
    const chance = seededRandom('first pages')
    const runtime = Object.assign(handDriven(), { random: () => chance.next() })
    const hub = await machine('hub')
    const line = lineTo(memoryTransport(hub.store))
    const { transport } = line
    const links = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const { store } = await machine(`n${n}`)
        return new Link({ replica: store, transport, runtime })
      }),
    )
    for (const link of links) link.start()
    await until(() => links.every((link) => link.phase === 'live'))
    let before = hellos(line.calls)
    for (const id of ['h1', 'h2']) await write(hub, 'a', id)
    await until(() => links.every(({ statistics }) => statistics.pulled === 2))
    const perSecond: number[] = []
    for (let second = 0; second < 10; second++) {
      runtime.pass(1_000)
      await turns()
      perSecond.push(hellos(line.calls) - before)
      before = hellos(line.calls)
    }
    expect(perSecond.reduce((sum, n) => sum + n)).toBe(100)
    expect(Math.max(...perSecond)).toBeLessThan(30)
    await Promise.all(links.map((link) => link.close()))
  })

  it('is no trouble where it fails, and is done with the next look', async () => {
    const { laptop, hub, line, runtime } = await linked()
    let failed = 0
    let isDown = true
    const transport: Transport<LogEvent> = {
      ...line.transport,
      hello(mine, signal) {
        if (mine.you === undefined || !isDown) return line.transport.hello(mine, signal)
        failed++
        return Promise.reject(unreachable())
      },
    }
    await write(hub, 'a', 'h1')
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await phase(link, 'live')
    await until(() => failed === 2)
    await write(hub, 'a', 'h2')
    await level(laptop, hub)
    runtime.pass(10_000)
    await turns()
    // Not with each page.
    expect(failed).toBe(2)
    expect((await link.explain()).blocked).toBeUndefined()
    isDown = false
    runtime.pass(5 * minutes)
    await until(() => link.statistics.rounds === 2)
    await write(hub, 'a', 'h3')
    expect(await mayGo(hub)).toBe(2n)
    expect(link.statistics).toMatchObject({ streams: 1, failures: 0 })
    await link.close()
  })

  it('is called off with the link: nobody who closes it waits', async () => {
    const { laptop, hub, link, line, runtime } = await linked()
    await write(hub, 'a', 'h1')
    await link.syncNow()
    await write(hub, 'a', 'h2')
    const asked = Promise.withResolvers<void>()
    let told = 0
    const transport: Transport<LogEvent> = {
      ...line.transport,
      hello(mine, signal) {
        if (mine.you === undefined || told++ === 0) return line.transport.hello(mine, signal)
        asked.resolve()
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason)),
        )
      },
    }
    const other = new Link({ replica: laptop.store, transport, runtime })
    other.start()
    await phase(other, 'live')
    await asked.promise
    await other.close()
    await link.close()
    expect(runtime.pending).toBe(0)
  })

  it('is not done for a listener that stops the link as it goes live', async () => {
    const { hub, link, line } = await linked()
    await write(hub, 'a', 'h1')
    await link.syncNow()
    await write(hub, 'a', 'h2')
    link.onTransition(({ to }) => {
      if (to === 'live') link.stop()
    })
    link.start()
    await until(() => link.statistics.streams === 1)
    await phase(link, 'stopped')
    await turns()
    expect(hellos(line.calls)).toBe(4)
    await link.close()
  })

  it('is not done where no record is kept of who reads', async () => {
    const { hub, line, laptop, runtime } = await linked()
    const transport: Transport<LogEvent> = {
      ...line.transport,
      async hello(mine, signal) {
        const { you: _, ...welcome } = await line.transport.hello(mine, signal)
        return welcome
      },
    }
    await write(hub, 'a', 'h1')
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h2')
    await level(laptop, hub)
    runtime.pass(10_000)
    await turns()
    expect(hellos(line.calls)).toBe(1)
    await link.close()
  })
})

describe('S3: a word about how far one has read', () => {
  it('that comes twice changes nothing; one that was overtaken keeps more, until the next look', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const said: Hello[] = []
    const transport: Transport<LogEvent> = {
      ...line.transport,
      async hello(mine, signal) {
        said.push(mine)
        await line.transport.hello(mine, signal)
        return line.transport.hello(mine, signal)
      },
    }
    await write(hub, 'a', 'h1')
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await phase(link, 'live')
    await write(hub, 'a', 'h2', 'h3')
    await level(laptop, hub)
    runtime.pass(5 * minutes)
    await until(async () => (await mayGo(hub)) === 3n)
    for (const mine of said) await line.transport.hello(mine)
    expect(await mayGo(hub)).toBe(3n)
    const first = said.find(({ you }) => you !== undefined) as Hello
    await line.transport.hello(first)
    expect(await mayGo(hub)).toBe(1n)
    runtime.pass(5 * minutes)
    await until(async () => (await mayGo(hub)) === 3n)
    expect(link.statistics.streams).toBe(1)
    await link.close()
  })

  it('S4: to a hub that was restored from a backup meanwhile lets both find out, and is about the new one', async () => {
    const { laptop, hub, link, runtime } = await linked()
    await write(hub, 'a', 'h1')
    const backup = hub.records.length
    await link.syncNow()
    await link.close()
    await write(hub, 'a', 'h2', 'h3')
    const restored = await copyOf(hub, backup)
    const [before, after] = [hub, restored].map(({ store }) => memoryTransport(store)) as [
      Transport<LogEvent>,
      Transport<LogEvent>,
    ]
    // What is said once it is live reaches the backup, whose own stream is no other yet.
    let told = 0
    const transport: Transport<LogEvent> = {
      ...before,
      hello(mine, signal) {
        if (mine.you !== undefined) told++
        return (told > 1 ? after : before).hello(mine, signal)
      },
      push: (batch, signal) => (told > 1 ? after : before).push(batch, signal),
      pull: (...args) => (told > 1 ? after : before).pull(...args),
      subscribe: (...args) => {
        const { subscribe } = told > 1 ? after : before
        if (subscribe === undefined) throw new Error('there is a stream')
        return subscribe(...args)
      },
    }
    const again = new Link({ replica: laptop.store, transport, runtime })
    again.start()
    await until(() => again.transitions.some(({ event }) => event === 'again'))
    await phase(again, 'live')
    await level(laptop, restored)
    await expectSame(laptop, restored)
    expect(again.peer).toBe((await restored.store.identity()).origin)
    expect(again.peer).not.toBe((await hub.store.identity()).origin)
    await write(restored, 'b', 'r1')
    await level(laptop, restored)
    runtime.pass(5 * minutes)
    await until(async () => (await mayGo(restored)) === (await endOf(restored)))
    await again.close()
  })
})

/** How far the hub could compact its log, as far as its readers go. */
async function mayGo({ store }: Machine): Promise<bigint> {
  return (await store.compact({})).upTo
}

async function endOf({ store }: Machine): Promise<bigint> {
  const { end } = await store.identity()
  return parseCursor(end)?.position ?? 0n
}

function hellos(calls: readonly string[]): number {
  return calls.filter((call) => call === 'hello').length
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((next) => setImmediate(next))
}

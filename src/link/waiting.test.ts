import { describe, expect, it } from 'vitest'
import { idsOf, machine, write } from '../../test/fleet.ts'
import { level, lineTo, linked, phase, until } from '../../test/linked.ts'
import { RejoinError } from '../errors/index.ts'
import { seededRandom } from '../testing/simulator/random.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { Link } from './index.ts'

describe('a remote without a stream', () => {
  it('is asked every interval, less a part of a tenth; what is committed here goes at once', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const { subscribe: _, ...transport } = line.transport
    const link = new Link({ replica: laptop.store, transport, runtime, interval: 10_000 })
    link.start()
    await phase(link, 'polling')
    await write(hub, 'a', 'h1')
    runtime.pass(9_499)
    expect(await idsOf(laptop)).toEqual([])
    runtime.pass(1)
    await level(laptop, hub)
    await phase(link, 'polling')
    // What was pulled is no news to push.
    runtime.pass(250)
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    expect(link.statistics.rounds).toBe(2)
    await write(laptop, 'a', 'l1')
    await until(() => runtime.pending === 1)
    await until(async () => {
      runtime.pass(0)
      return (await idsOf(hub)).includes('l1')
    })
    await phase(link, 'polling')
    await link.close()
    expect(runtime.pending).toBe(0)
  })

  it.each(['not_found', 'protocol'] as const)('says so with %s, and is asked', async (code) => {
    const { laptop, line, runtime } = await linked()
    const refusal = new RejoinError(code, 'no such thing', { operation: 's', component: 'test' })
    const pages = { next: () => Promise.reject(refusal) }
    const subscribe = () => ({ [Symbol.asyncIterator]: () => pages })
    const transport = { ...line.transport, subscribe }
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await phase(link, 'polling')
    expect(link.statistics.failures).toBe(0)
    await link.close()
  })

  it('is one whose stream brings no first page in time: that is a failure', async () => {
    const { laptop, line, runtime } = await linked()
    const pages = { next: () => new Promise<never>(() => {}) }
    const subscribe = () => ({ [Symbol.asyncIterator]: () => pages })
    const transport = { ...line.transport, subscribe }
    const link = new Link({ replica: laptop.store, transport, runtime, timeout: 5_000 })
    link.start()
    await phase(link, 'syncing')
    await until(() => runtime.pending === 1)
    runtime.pass(5_000)
    await phase(link, 'waiting')
    expect((await link.explain()).blocked).toMatchObject({ cause: 'timeout' })
    await link.close()
  })
})

describe('a link that waits', () => {
  it('tries again at a hint, but not before the remote’s Retry-After', async () => {
    const { link, line, runtime } = await linked()
    const hellos = () => line.calls.filter((call) => call === 'hello').length
    line.cut()
    link.start()
    await phase(link, 'waiting')
    runtime.pass(250)
    line.cut(busy(60_000))
    link.nudge()
    runtime.pass(0)
    await until(() => hellos() === 2)
    await phase(link, 'waiting')
    line.heal()
    link.nudge()
    runtime.pass(59_999)
    await phase(link, 'waiting')
    expect(hellos()).toBe(2)
    runtime.pass(1)
    await phase(link, 'live')
    await link.close()
  })

  it('makes four attempts a second at most, however many hints come', async () => {
    const { link, line, runtime } = await linked({}, { random: () => 1 })
    const hellos = () => line.calls.filter((call) => call === 'hello').length
    line.cut()
    link.start()
    await phase(link, 'waiting')
    for (let n = 0; n < 100; n++) {
      link.nudge()
      runtime.pass(10)
      await phase(link, 'waiting')
    }
    expect(hellos()).toBe(5)
    await link.close()
  })

  it('is not hurried by who writes', async () => {
    const { laptop, link, line, runtime } = await linked()
    line.cut()
    link.start()
    await phase(link, 'waiting')
    for (let n = 0; n < 10; n++) await write(laptop, 'a', `l${n}`)
    runtime.pass(0)
    await phase(link, 'waiting')
    expect(line.calls).toEqual(['hello'])
    await link.close()
  })

  it('goes on at once when a sync by hand came through', async () => {
    const { link, line, runtime } = await linked({}, { random: () => 1 })
    line.cut(busy(60_000))
    link.start()
    await phase(link, 'waiting')
    line.heal()
    runtime.pass(250)
    expect((await link.syncNow()).errors).toEqual([])
    runtime.pass(0)
    await phase(link, 'live')
    await link.close()
  })

  it('S2: comes back with 1,000 others over the whole of a wait, not all at once', async () => {
    const chance = seededRandom('all at once')
    const runtime = Object.assign(handDriven(), { random: () => chance.next() })
    const hub = await machine('hub')
    const line = lineTo(memoryTransport(hub.store))
    line.cut()
    const links = await Promise.all(
      Array.from({ length: 1_000 }, async (_, n) => {
        const { store } = await machine(`n${n}`)
        return new Link({ replica: store, transport: line.transport, runtime })
      }),
    )
    for (const link of links) link.start()
    await until(() => links.every((link) => link.phase === 'waiting'))
    let before = line.calls.length
    const perTenth: number[] = []
    for (let tenth = 0; tenth < 20; tenth++) {
      runtime.pass(100)
      await until(() => links.every((link) => link.phase === 'waiting'))
      perTenth.push(line.calls.length - before)
      before = line.calls.length
    }
    expect(perTenth.reduce((sum, n) => sum + n)).toBeGreaterThanOrEqual(1_000)
    expect(Math.max(...perTenth)).toBeLessThan(120)
    // And all of them are served when it is there again.
    line.heal()
    for (let tenth = 0; tenth < 600; tenth += 50) {
      runtime.pass(5_000)
      await until(() => links.every((link) => ['live', 'waiting'].includes(link.phase)))
    }
    await write(hub, 'a', 'h1')
    await until(() => links.every((link) => link.statistics.pulled === 1))
    expect(links.every((link) => link.phase === 'live')).toBe(true)
    await Promise.all(links.map((link) => link.close()))
  })
})

function busy(retryAfter: number): RejoinError {
  const where = { operation: 'hello', component: 'test' }
  return new RejoinError('unavailable', 'later', { ...where, details: { status: 429, retryAfter } })
}

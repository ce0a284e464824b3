import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { machine, write } from '../../test/fleet.ts'
import { lineTo, linked, phase, until } from '../../test/linked.ts'
import { type ErrorCode, type ErrorDetails, errorCodes, RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { scriptedStore } from '../testing/doubles/scripted.ts'
import { httpTransport } from '../transport/http/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { type BlockCause, Link, timed } from './index.ts'

describe('explain() tells why, since when, and when it is tried again:', () => {
  it.each<[BlockCause, ErrorCode, ErrorDetails, number]>([
    ['unauthorized', 'unauthorized', { status: 401 }, 1_000],
    ['forbidden', 'forbidden', { status: 403 }, 1_000],
    ['busy', 'unavailable', { status: 429, retryAfter: 30_000 }, 31_000],
    ['failing', 'unavailable', { status: 500 }, 1_000],
    ['failing', 'unavailable', { status: 503, retryAfter: 5_000 }, 6_000],
    ['unreachable', 'network', {}, 1_000],
    ['timeout', 'timeout', {}, 1_000],
    ['incompatible', 'protocol', {}, 1_000],
  ])('%s (%s %o)', async (cause, code, details, wait) => {
    const { laptop, link, line, runtime } = await linked()
    link.start()
    await phase(link, 'live')
    expect((await link.explain()).blocked).toBeUndefined()
    runtime.pass(5_000)
    const since = runtime.now()
    const error = errorOf(code, details)
    line.cut(error)
    await phase(link, 'waiting')
    await write(laptop, 'a', 'l1', 'l2')
    const { message } = error
    expect(await link.explain()).toMatchObject({
      remote: 'remote',
      phase: 'waiting',
      unsent: { count: 2, more: false },
      parked: [],
      blocked: { cause, message, since, nextAttempt: since + wait, error },
    })
    // The next attempt comes when it said, fails the same way, and says the same of its beginning.
    runtime.pass(wait - 1)
    expect(line.calls.at(-1)).not.toBe('hello')
    runtime.pass(1)
    await until(() => link.statistics.failures === 2)
    const { blocked } = await link.explain()
    expect(blocked).toMatchObject({ cause, since })
    expect(blocked?.nextAttempt).toBeGreaterThan(runtime.now())
    // Another cause begins when it does.
    line.cut(errorOf(cause === 'unreachable' ? 'timeout' : 'network', {}))
    runtime.pass((blocked?.nextAttempt as number) - runtime.now())
    await until(() => link.statistics.failures === 3)
    expect((await link.explain()).blocked).toMatchObject({ since: runtime.now() })
    // And nothing is left of it when it is over.
    line.heal()
    runtime.pass(60_000)
    await phase(link, 'live')
    await until(async () => (await link.unsent())?.count === 0)
    expect((await link.explain()).blocked).toBeUndefined()
    await link.close()
  })

  it('timeout, of a remote that never answers', async () => {
    const { laptop, line, runtime } = await linked()
    const silent = { ...line.transport, hello: () => new Promise<never>(() => {}) }
    const transport = timed(silent, 2_000, runtime)
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await until(() => runtime.pending === 1)
    runtime.pass(2_000)
    await phase(link, 'waiting')
    const since = runtime.now()
    expect((await link.explain()).blocked).toMatchObject({
      cause: 'timeout',
      since,
      nextAttempt: since + 1_000,
    })
    await link.close()
  })

  it('rejected, of events whose id is known there with other content', async () => {
    const { laptop, hub, link, runtime } = await linked({ guard: 100_000 })
    await write(hub, 'a', 'same')
    await laptop.store.append([{ id: 'same', type: 'other', aggregateId: 'b', data: 1 }])
    await write(laptop, 'c', 'l1')
    const since = runtime.now()
    link.start()
    await phase(link, 'live')
    runtime.pass(1_000)
    const explained = await link.explain()
    expect(explained).toMatchObject({
      phase: 'live',
      unsent: { count: 0, more: false },
      parked: [{ id: 'same', reason: 'id_conflict' }],
      blocked: { cause: 'rejected', since, nextAttempt: since + 95_000 },
    })
    expect(explained.blocked?.message).toContain('same')
    // It is offered again when it said.
    runtime.pass(94_000)
    await until(() => link.statistics.rounds === 2)
    await until(() => runtime.pending === 1)
    expect((await link.explain()).blocked).toMatchObject({ since, nextAttempt: since + 190_000 })
    await link.close()
  })

  it('clock, of events from a clock that is days ahead of the remote’s', async () => {
    const yesterday = { ...systemRuntime, now: () => Date.now() - 48 * 3_600_000 }
    const hub = await machine('hub', [], { runtime: yesterday })
    const { laptop, link, runtime } = await linked({ guard: 100_000 }, { hub })
    link.start()
    await phase(link, 'live')
    runtime.pass(1_000)
    await write(laptop, 'a', 'l1')
    const since = runtime.now()
    // Long before the next look at the stream.
    await until(async () => (await link.explain()).blocked?.nextAttempt === since + 3_000)
    expect(await link.explain()).toMatchObject({
      phase: 'live',
      parked: [{ id: 'l1', reason: 'clock' }],
      blocked: { cause: 'clock', since, nextAttempt: since + 3_000 },
    })
    await link.close()
  })

  it('disk-full, here: what comes can’t be stored', async () => {
    const { laptop, hub, line, runtime } = await linked()
    const replica = scriptedStore(laptop.store)
    replica.script.fail('apply', errorOf('storage_full', {}))
    const link = new Link({ replica, transport: line.transport, runtime })
    await write(hub, 'a', 'h1')
    const since = runtime.now()
    link.start()
    await phase(link, 'waiting')
    expect((await link.explain()).blocked).toMatchObject({
      cause: 'disk-full',
      since,
      nextAttempt: since + 1_000,
    })
    replica.script.reset()
    runtime.pass(1_000)
    await phase(link, 'live')
    expect((await link.explain()).blocked).toBeUndefined()
    await link.close()
  })

  it('disk-full, there: what is pushed can’t be stored', async () => {
    const { laptop, hub, runtime } = await linked()
    const there = scriptedStore(hub.store)
    const { transport } = lineTo(memoryTransport(there))
    const link = new Link({ replica: laptop.store, transport, runtime })
    link.start()
    await phase(link, 'live')
    runtime.pass(1_000)
    const since = runtime.now()
    there.script.fail('apply', errorOf('storage_full', {}))
    await write(laptop, 'a', 'l1')
    await phase(link, 'waiting')
    expect(await link.explain()).toMatchObject({
      unsent: { count: 1 },
      blocked: { cause: 'disk-full', since, nextAttempt: since + 1_000 },
    })
    await link.close()
  })

  it.each(['paused', 'stopped'] as const)('%s: not before somebody asks', async (cause) => {
    const { laptop, link, runtime } = await linked()
    link.start()
    await phase(link, 'live')
    runtime.pass(1_000)
    if (cause === 'paused') link.pause()
    else link.stop()
    await write(laptop, 'a', 'l1')
    const { blocked, unsent } = await link.explain()
    expect(blocked).toMatchObject({ cause, since: runtime.now() })
    expect(blocked).not.toHaveProperty('nextAttempt')
    expect(unsent).toEqual({ count: 1, more: false })
    await link.close()
  })

  it('interval: nothing is wrong, it goes with the next sync', async () => {
    const { laptop, link, runtime } = await linked({ realtime: false, interval: 60_000 })
    link.start()
    await phase(link, 'polling')
    const since = runtime.now()
    expect((await link.explain()).blocked).toBeUndefined()
    runtime.pass(10)
    await write(laptop, 'a', 'l1')
    expect((await link.explain()).blocked).toMatchObject({
      cause: 'interval',
      since,
      nextAttempt: since + 57_000,
    })
    await link.close()
  })

  it('under way: the attempt that was begun', async () => {
    const { link, line, runtime } = await linked()
    line.cut()
    link.start()
    await phase(link, 'waiting')
    const since = runtime.now()
    line.heal()
    runtime.pass(1_000)
    expect((await link.explain()).blocked).toMatchObject({ since, nextAttempt: runtime.now() })
    await phase(link, 'live')
    await link.close()
  })

  it('has a cause for every error there is', async () => {
    for (const code of Object.keys(errorCodes) as ErrorCode[]) {
      if (code === 'closed' || code === 'rejected') continue
      const { link, line } = await linked()
      line.cut(errorOf(code, {}))
      link.start()
      await phase(link, 'waiting')
      const { blocked } = await link.explain()
      expect(blocked?.error?.code).toBe(code)
      expect(blocked?.cause === 'internal').toBe(codesOfBugs.includes(code))
      await link.close()
    }
  })
})

describe('explain(), of a real server:', () => {
  const closings: (() => void)[] = []
  afterEach(() => {
    for (const close of closings.splice(0)) close()
  })

  it.each<[BlockCause, number, Record<string, string>, readonly [number, number]]>([
    ['unauthorized', 401, {}, [0, 2_000]],
    ['forbidden', 403, {}, [0, 2_000]],
    ['busy', 429, { 'retry-after': '30' }, [30_000, 32_000]],
    ['failing', 500, {}, [0, 2_000]],
    ['failing', 503, { 'retry-after': '7' }, [7_000, 9_000]],
  ])('%s (%i %o)', async (cause, status, headers, [least, most]) => {
    const server = createServer((_, response) => {
      response.writeHead(status, headers).end()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    closings.push(() => server.close())
    await expectBlocked(portOf(server), cause, least, most)
  })

  it('unreachable, where nobody listens', async () => {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const port = portOf(server)
    await new Promise((closed) => server.close(closed))
    await expectBlocked(port, 'unreachable', 0, 2_000)
  })

  async function expectBlocked(port: number, cause: BlockCause, least: number, most: number) {
    const { store } = await machine('laptop')
    const transport = httpTransport({ url: `http://127.0.0.1:${port}` })
    const link = new Link<LogEvent>({ replica: store, transport })
    const before = Date.now()
    const waits = new Promise<void>((waiting) => {
      link.onTransition(({ to }) => {
        if (to === 'waiting') waiting()
      })
    })
    link.start()
    await waits
    const { blocked } = await link.explain()
    const after = Date.now()
    await link.close()
    await transport.close()
    expect(blocked?.cause).toBe(cause)
    expect(blocked?.since).toBeGreaterThanOrEqual(before)
    expect(blocked?.since).toBeLessThanOrEqual(after)
    const wait = (blocked?.nextAttempt as number) - (blocked?.since as number)
    // A millisecond either way: the two clocks are rounded.
    expect(wait).toBeGreaterThanOrEqual(least - 1)
    expect(wait).toBeLessThanOrEqual(most + 1)
  }
})

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port
}

function errorOf(code: ErrorCode, details: ErrorDetails): RejoinError {
  return new RejoinError(code, `it is ${code}`, { operation: 'call', component: 'test', details })
}

const codesOfBugs: readonly ErrorCode[] = [
  'internal',
  'invalid_argument',
  'invalid_event',
  'event_newer',
  'id_conflict',
  'too_large',
]

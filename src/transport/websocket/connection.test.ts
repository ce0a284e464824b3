import { describe, expect, it, vi } from 'vitest'
import type { MemoryStore } from '../../store/memory/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { HandSocket, ours, say } from '../fixtures/hand-socket.ts'
import { form } from '../fixtures/hub.ts'
import { idsIn, logOf, pushOf, someOrigin } from '../fixtures/logs.ts'
import { pageText } from '../remote/page.ts'
import { encodeMessage } from './message.ts'
import { type LogSocketsOptions, logSockets } from './server.ts'
import type { Kind } from './wire.ts'

const wanted = { after: '', count: 100, bytes: 100_000 }

describe('a greeting', () => {
  it('is answered with what the server takes and gives', async () => {
    const { socket } = await opened(await logOf('hub'))
    expect(socket.texts('ready').map((text) => JSON.parse(text))).toEqual([
      {
        protocol: { name: 'rejoin', version: 1 },
        limits: { calls: 64, credit: 1024 * 1024, message: 16 * 1024 * 1024 },
        silence: 60_000,
      },
    ])
  })

  it.each([
    ['another version', { name: 'rejoin', version: 2 }],
    ['another protocol', { name: 'other', version: 1 }],
  ])('of %s ends the connection, and says which is spoken here', async (_, protocol) => {
    const { socket } = await opened(await logOf('hub'), {}, { protocol })
    expect(socket.closed).toEqual({ code: 4406, reason: 'this server speaks rejoin.v1' })
  })
})

describe('X1: what is in no form ends the connection with a reason and changes nothing', () => {
  const bytes = (...values: number[]) => new Uint8Array(values)
  it.each<[string, Uint8Array]>([
    ['an empty message', bytes()],
    ['a message without a number', bytes(2, 0)],
    ['a kind that is none', bytes(77, 0, 0)],
    ["a server's kind", encodeMessage('answer', 0, {})],
    ['a second open', encodeMessage('open', 0, ours)],
    ['JSON that is none', encodeMessage('hello', 0, '{')],
    ['JSON of another form', encodeMessage('hello', 0, { origin: 7 })],
    ['a key that is unknown', encodeMessage('pull', 0, { ...wanted, more: 1 })],
    ['bytes that are not UTF-8', bytes(2, 0, 0, 0xff, 0xfe)],
    ['a number beyond the limit', encodeMessage('hello', 64, { origin: someOrigin })],
    ['a push without an end line', encodeMessage('push', 0, '{"id":"x"}\n1\n')],
    ['a push without an origin', encodeMessage('push', 0, '{"end":{"cursor":"","expects":""}}\n')],
    ['a subscription without credit', encodeMessage('subscribe', 0, wanted)],
    ['a credit of nothing', encodeMessage('credit', 0, { bytes: 0 })],
  ])('%s', async (_, message) => {
    const log = await logOf('hub', 1)
    const { socket, connection } = await opened(log)
    connection.receive(message, true)
    expect(socket.closed?.code).toBe(4400)
    expect(socket.closed?.reason).not.toBe('')
    say(connection, 'hello', 0, { origin: someOrigin })
    await Promise.resolve()
    expect(socket.sent.map(({ kind }) => kind)).toEqual(['ready'])
    expect(await idsIn(log)).toEqual(['e0'])
    expect((await log.status()).links).toEqual([])
  })

  it('text, and anything before open', async () => {
    const log = await logOf('hub')
    const first = new HandSocket()
    logSockets(log)
      .accept(first)
      .receive(encodeMessage('open', 0, ours), false)
    const second = new HandSocket()
    say(logSockets(log).accept(second), 'hello', 0, { origin: someOrigin })
    expect([first.closed?.code, second.closed?.code]).toEqual([4400, 4400])
  })

  it('a number that is in use', async () => {
    const { socket, connection } = await opened(await logOf('hub'))
    say(connection, 'hello', 3, { origin: someOrigin })
    say(connection, 'hello', 3, { origin: someOrigin })
    expect(socket.closed).toEqual({ code: 4400, reason: 'call 3 is under way' })
  })

  it('a credit for more than was sent', async () => {
    const { socket, connection } = await opened(await logOf('hub', 1))
    say(connection, 'subscribe', 0, { ...wanted, credit: 1000 })
    await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
    say(connection, 'credit', 0, { bytes: 100_000 })
    expect(socket.closed?.reason).toMatch(/a credit of 100000 bytes, of which only \d+ were sent/)
  })
})

describe('a call', () => {
  it('that is refused is answered with code, message and whether to repeat it', async () => {
    const { changes, ...rest } = await pushOf(await logOf('laptop', 3))
    const { socket, connection } = await opened(await logOf('hub'), { limits: { count: 2 } })
    say(connection, 'push', 5, pageText(form, changes, rest))
    await vi.waitFor(() => expect(socket.texts('error')).toHaveLength(1))
    expect(socket.sent.at(-1)?.id).toBe(5)
    expect(JSON.parse(socket.texts('error')[0] as string)).toEqual({
      code: 'too_large',
      message: '3 events in one push, at most 2',
      retryable: false,
      details: { count: 3, limit: 2 },
    })
  })

  it('that must wait says for how long', async () => {
    const log = await logOf('hub')
    const { socket, connection } = await opened(log)
    await log.close()
    say(connection, 'pull', 0, wanted)
    await vi.waitFor(() => expect(socket.texts('error')).toHaveLength(1))
    const said = JSON.parse(socket.texts('error')[0] as string)
    expect(said).toMatchObject({ code: 'closed', retryable: true, retryAfter: 1000 })
  })

  it('that is cancelled ends, and its number is free', async () => {
    const { socket, connection } = await opened(await logOf('hub'))
    say(connection, 'pull', 0, wanted)
    say(connection, 'cancel', 0)
    say(connection, 'hello', 0, { origin: someOrigin })
    await vi.waitFor(() => expect(socket.texts('answer')).toHaveLength(1))
    expect(socket.sent.map(({ kind }) => kind)).toEqual(['ready', 'ended', 'answer'])
  })

  it('to cancel what is over does nothing', async () => {
    const { socket, connection } = await opened(await logOf('hub'))
    say(connection, 'cancel', 9)
    say(connection, 'credit', 9, { bytes: 5 })
    say(connection, 'ping', 0)
    expect(socket.sent.map(({ kind }) => kind)).toEqual(['ready', 'pong'])
  })

  it('waits while the socket takes no more', async () => {
    const { socket, connection } = await opened(await logOf('hub', 3), {
      limits: { unsentBytes: 20_000 },
    })
    socket.isStuck = true
    socket.bufferedAmount = 20_000
    say(connection, 'ping', 0)
    say(connection, 'pull', 0, wanted)
    await new Promise((resolve) => setImmediate(resolve))
    expect(socket.texts('page')).toEqual([])
    socket.drain()
    await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
  })
})

describe('S5: a subscription', () => {
  it('is sent no page while its credit is used up, and goes on from its cursor', async () => {
    const log = await logOf('hub')
    const { socket, connection } = await opened(log)
    say(connection, 'subscribe', 0, { ...wanted, count: 1, credit: 400 })
    await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
    for (let at = 0; at < 20; at++)
      await log.append([{ id: `n${at}`, type: 'T', aggregateId: 'a', data: 'x'.repeat(100) }])
    await quiet(socket)
    const sent = () => socket.sent.filter(({ kind }) => kind === 'page')
    const size = () => sent().reduce((sum, { body }) => sum + body.byteLength + 3, 0)
    const before = size()
    // A page is begun while there is credit, so the last one may go beyond it.
    const last = (sent().at(-1)?.body.byteLength ?? 0) + 3
    expect(before - last).toBeLessThan(400)
    expect(before).toBeGreaterThanOrEqual(400)
    let taken = 0
    while (events(socket) < 20) {
      const bytes = size() - taken
      taken += bytes
      say(connection, 'credit', 0, { bytes })
      await quiet(socket)
    }
    const ids = [
      ...socket
        .texts('page')
        .join('')
        .matchAll(/"id":"(n\d+)"/g),
    ].map(([, id]) => id)
    expect(ids).toEqual(Array.from({ length: 20 }, (_, at) => `n${at}`))
  })

  it('is sent nothing while the socket takes no more', async () => {
    const log = await logOf('hub')
    const { socket, connection } = await opened(log, { limits: { unsentBytes: 20_000 } })
    say(connection, 'subscribe', 0, { ...wanted, credit: 1_000_000 })
    await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
    socket.isStuck = true
    for (let at = 0; at < 40; at++) {
      await log.append([{ type: 'T', aggregateId: 'a', data: 'x'.repeat(1000) }])
      await quiet(socket)
    }
    expect(socket.bufferedAmount).toBeLessThan(25_000)
    socket.drain()
    await vi.waitFor(() => expect(events(socket)).toBe(40))
  })

  it('goes on when a page alone was as much as the socket takes', async () => {
    const log = await logOf('hub', 3)
    const { socket, connection } = await opened(log, { limits: { unsentBytes: 50 } })
    socket.isStuck = true
    say(connection, 'subscribe', 0, { ...wanted, count: 1, credit: 1_000_000 })
    await quiet(socket)
    expect(events(socket)).toBeLessThan(3)
    for (let at = 0; at < 4; at++) {
      socket.drain()
      await quiet(socket)
    }
    expect(events(socket)).toBe(3)
  })

  it('shares the bytes of a page with all that call it by one number', async () => {
    const log = await logOf('hub')
    const sockets = logSockets(log)
    const others = await Promise.all([0, 0, 1].map((id) => subscribed(sockets, id)))
    await log.append([{ type: 'T', aggregateId: 'a', data: 1 }])
    const [one, two, three] = await Promise.all(
      others.map(async (socket) => {
        await vi.waitFor(() => expect(events(socket)).toBe(1))
        return socket.raw.at(-1)
      }),
    )
    expect(one).toBe(two)
    expect(three).not.toBe(one)
    expect(three?.subarray(3)).toEqual(one?.subarray(3))
  })

  it('of one who reads nothing is dropped when all together hold too much', async () => {
    const log = await logOf('hub')
    const sockets = logSockets(log, { limits: { allUnsentBytes: 200_000, unsentBytes: 150_000 } })
    const [stuck, slow, quick] = await Promise.all([0, 0, 0].map((id) => subscribed(sockets, id)))
    for (const socket of [stuck, slow]) if (socket) socket.isStuck = true
    if (stuck) stuck.bufferedAmount = 40_000
    for (let at = 0; at < 20; at++) {
      await log.append([{ type: 'T', aggregateId: 'a', data: 'x'.repeat(10_000) }])
      await quiet(quick as HandSocket)
    }
    expect([stuck?.isTerminated, slow?.isTerminated, quick?.isTerminated]).toEqual([
      true,
      false,
      false,
    ])
    await vi.waitFor(() => expect(events(quick as HandSocket)).toBe(20))
  })
})

describe('a connection', () => {
  it('that is quiet is asked for a sign of life, and given up when none comes', async () => {
    const runtime = handDriven()
    const { socket, connection } = await opened(await logOf('hub'), { runtime, silence: 4000 })
    runtime.pass(1000)
    expect(socket.pings).toBe(0)
    runtime.pass(1000)
    expect(socket.pings).toBe(1)
    connection.heard()
    for (let at = 0; at < 4; at++) runtime.pass(1000)
    expect([socket.pings, socket.isTerminated]).toEqual([4, false])
    runtime.pass(1000)
    expect(socket.isTerminated).toBe(true)
    expect(runtime.pending).toBe(0)
  })

  it('that leaves ends its subscriptions, finishes its calls and says so', async () => {
    const { socket, connection } = await opened(await logOf('hub', 2))
    say(connection, 'subscribe', 0, { ...wanted, credit: 1000 })
    await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
    say(connection, 'hello', 1, { origin: someOrigin })
    connection.leave()
    say(connection, 'hello', 2, { origin: someOrigin })
    await vi.waitFor(() => expect(socket.closed?.code).toBe(1001))
    const kinds = socket.sent.map(({ kind, id }) => `${kind} ${id}`)
    expect(kinds).toEqual(['ready 0', 'page 0', 'error 2', 'error 0', 'answer 1'])
    for (const text of socket.texts('error'))
      expect(JSON.parse(text)).toMatchObject({ retryable: true })
  })

  it('that leaves sends its subscribers what was committed until then, as far as they have credit', async () => {
    const log = await logOf('hub')
    const [reader, poor] = await Promise.all([1_000_000, 1].map((credit) => reading(log, credit)))
    for (let at = 0; at < 150; at++) await log.append([{ type: 'T', aggregateId: 'a', data: at }])
    for (const each of [reader, poor]) each?.connection.leave()
    for (const each of [reader, poor])
      await vi.waitFor(() => expect(each?.socket.closed?.code).toBe(1001))
    expect([reader, poor].map((each) => events(each?.socket as HandSocket))).toEqual([150, 0])
    expect(reader?.socket.sent.at(-1)?.kind).toBe('error')
  })

  it('that is gone leaves nothing behind', async () => {
    const log = await logOf('hub')
    const { socket, connection } = await opened(log)
    say(connection, 'subscribe', 0, { ...wanted, credit: 1000 })
    await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
    connection.gone()
    await log.append([{ type: 'T', aggregateId: 'a', data: 1 }])
    await quiet(socket)
    expect(socket.sent.map(({ kind }) => kind satisfies Kind)).toEqual(['ready', 'page'])
  })
})

async function opened(log: MemoryStore, options: LogSocketsOptions = {}, greeting: object = ours) {
  const socket = new HandSocket()
  const connection = logSockets(log, options).accept(socket)
  say(connection, 'open', 0, greeting)
  return { socket, connection }
}

/** One that has had its first page, which is empty. */
async function reading(log: MemoryStore, credit: number) {
  const { socket, connection } = await opened(log)
  say(connection, 'subscribe', 0, { ...wanted, credit })
  await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
  return { socket, connection }
}

async function subscribed(sockets: ReturnType<typeof logSockets>, id: number): Promise<HandSocket> {
  const socket = new HandSocket()
  const connection = sockets.accept(socket)
  say(connection, 'open', 0, ours)
  say(connection, 'subscribe', id, { ...wanted, credit: 1_000_000 })
  await vi.waitFor(() => expect(socket.texts('page')).toHaveLength(1))
  return socket
}

function events(socket: HandSocket): number {
  return socket.texts('page').join('').split('"hash"').length - 1
}

/** Until nothing more is sent. */
async function quiet(socket: HandSocket): Promise<void> {
  for (let sent = -1, still = 0; still < 5; ) {
    await new Promise((resolve) => setImmediate(resolve))
    still = sent === socket.sent.length ? still + 1 : 0
    sent = socket.sent.length
  }
}

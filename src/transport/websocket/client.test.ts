import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type WebSocket as PlainSocket, WebSocketServer } from 'ws'
import { type RunningServer, serve } from '../../server/index.ts'
import type { MemoryStore } from '../../store/memory/index.ts'
import { start } from '../../version/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { logOf, someOrigin } from '../fixtures/logs.ts'
import { logSockets, type WebSocketTransportOptions, webSocketTransport } from './index.ts'
import { encodeMessage } from './message.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

const hello = { origin: someOrigin }
const want = { count: 100, bytes: 100_000 }
const forever = new AbortController().signal

describe('a connection', () => {
  it('is opened once for calls side by side', async () => {
    const { url, connections } = await served(await logOf('hub', 3))
    const to = transport(url)
    await Promise.all([to.hello(hello), to.pull(start, want), to.pull(start, want)])
    expect(connections()).toBe(1)
  })

  it('that was lost is opened again, and a subscription goes on from its cursor', async () => {
    const log = await logOf('hub', 2)
    const first = await served(log)
    const to = transport(first.url)
    const pages = read(to.subscribe?.(start, want, forever))
    const page = await pages.next()
    const lost = expect(pages.next()).rejects.toMatchObject({ code: 'network', retryable: true })
    first.cut()
    await lost
    await log.append([{ id: 'later', type: 'T', aggregateId: 'a' }])
    const again = read(to.subscribe?.(page.cursor, want, forever))
    expect((await again.next()).changes.map(({ id }) => id)).toEqual(['later'])
  })

  it('is closed when nothing was under way for a while, and opened when there is', async () => {
    const runtime = handDriven()
    const { url, open, connections } = await served(await logOf('hub'))
    const to = transport(url, { runtime, idle: 1000 })
    await to.hello(hello)
    expect(open()).toBe(1)
    runtime.pass(1000)
    await vi.waitFor(() => expect(open()).toBe(0))
    await to.hello(hello)
    expect(connections()).toBe(2)
  })

  it('stays while there is a subscription', async () => {
    const runtime = handDriven()
    const log = await logOf('hub')
    const { url } = await served(log)
    const pages = read(transport(url, { runtime, idle: 1000 }).subscribe?.(start, want, forever))
    await pages.next()
    for (let at = 0; at < 5; at++) runtime.pass(1000)
    await log.append([{ id: 'live', type: 'T', aggregateId: 'a' }])
    expect((await pages.next()).changes).toHaveLength(1)
  })

  it('leaves no timer behind when it is closed', async () => {
    const { url } = await served(await logOf('hub'))
    const runtime = handDriven()
    const to = transport(url, { runtime })
    await to.hello(hello)
    await to.close()
    expect(runtime.pending).toBe(0)
  })
})

describe('a remote that', () => {
  it('says nothing for too long is given up, after it was asked for a sign of life', async () => {
    const runtime = handDriven()
    const { url, sockets, heard } = await standIn((socket) =>
      socket.send(encodeMessage('ready', 0, { ...ready, silence: 4000 })),
    )
    const pages = read(transport(url, { runtime }).subscribe?.(start, want, forever))
    const failed = expect(pages.next()).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('silence'),
    })
    await vi.waitFor(() => expect(heard).toContain(6))
    for (let at = 0; at < 5; at++) runtime.pass(1000)
    await failed
    await vi.waitFor(() => expect(heard).toContain(9))
    await vi.waitFor(() => expect(sockets.size).toBe(0))
  })

  it.each<[string, string | Uint8Array, RegExp]>([
    ['speaks text', 'hello there', /a message of text/],
    ['speaks in no form of ours', new Uint8Array([1, 2]), /open of 2 bytes/],
    ['speaks another version', encodeMessage('ready', 0, other()), /it speaks rejoin 2/],
    ['answers what was not asked', encodeMessage('answer', 7, {}), /a call that is not under way/],
  ])('%s is none of ours', async (_, said, words) => {
    const { url } = await standIn((socket) => socket.send(said))
    await expect(transport(url).hello(hello)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringMatching(words),
      retryable: false,
    })
  })

  it('never greets is given up in time', async () => {
    const { url } = await standIn(() => {})
    await expect(transport(url, { timeout: 30 }).hello(hello)).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
    })
  })

  it.each([
    [1001, 'unavailable', true],
    [1009, 'too_large', false],
    [1011, 'unavailable', true],
    [1013, 'unavailable', true],
    [4400, 'protocol', false],
    [4401, 'unauthorized', false],
    [4403, 'forbidden', false],
    [4406, 'protocol', false],
    [3000, 'network', true],
  ])('closes with %i rejects with %s', async (code, expected, retryable) => {
    const { url } = await standIn((socket) => socket.close(code, 'because'))
    await expect(transport(url).hello(hello)).rejects.toMatchObject({
      code: expected,
      retryable,
      message: expect.stringContaining('because'),
      details: { closeCode: code },
    })
  })

  it.each([
    ['storage_full', true, 'unavailable'],
    ['internal', false, 'unavailable'],
    ['too_large', false, 'too_large'],
    ['invalid_argument', false, 'protocol'],
    ['something new', false, 'protocol'],
  ])('answers with %s (%s) rejects with %s', async (code, retryable, expected) => {
    const said = { code, message: 'because', retryable, retryAfter: 700 }
    const { url } = await standIn((socket) => {
      socket.send(encodeMessage('ready', 0, ready))
      socket.once('message', () => socket.send(encodeMessage('error', 0, said)))
    })
    await expect(transport(url).hello(hello)).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining('because'),
      details: { remoteCode: code, retryAfter: 700 },
    })
  })
})

describe('an address', () => {
  it.each([
    ['ws://a.test', 'ws://a.test/sync/ws'],
    ['wss://a.test:99/', 'wss://a.test:99/sync/ws'],
    ['https://a.test/live/', 'wss://a.test/live'],
    ['http://a.test', 'ws://a.test/sync/ws'],
  ])('%s means %s', async (url, meant) => {
    const asked: string[] = []
    class Recording {
      constructor(address: string) {
        asked.push(address)
        throw new Error('not today')
      }
    }
    const to = transport(url, { WebSocket: Recording as never })
    await expect(to.hello(hello)).rejects.toThrow('not today')
    expect(asked).toEqual([meant])
  })

  it.each(['ftp://a.test', 'a.test', 'ws://a.test?x=1', 'ws://me:secret@a.test', undefined])(
    '%s is refused without being repeated',
    (url) => {
      const open = () => webSocketTransport({ url: url as string })
      expect(open).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
      expect(open).not.toThrow(/secret/)
    },
  )
})

const ready = {
  protocol: { name: 'rejoin', version: 1 },
  limits: { calls: 4, credit: 1000, message: 1000 },
  silence: 60_000,
}

function other(): object {
  return { ...ready, protocol: { name: 'rejoin', version: 2 } }
}

function transport(url: string, options: Partial<WebSocketTransportOptions> = {}) {
  const one = webSocketTransport({ url, ...options })
  opened.push(one)
  return one
}

async function served(log: MemoryStore) {
  const sockets = logSockets(log)
  const all: { isOpen: boolean; terminate(): void }[] = []
  const watched: typeof sockets = {
    ...sockets,
    accept(socket) {
      const one = { isOpen: true, terminate: () => socket.terminate() }
      all.push(one)
      const connection = sockets.accept(socket)
      const gone = connection.gone.bind(connection)
      connection.gone = () => {
        one.isOpen = false
        gone()
      }
      return connection
    },
  }
  const server: RunningServer = await serve({
    mounts: {},
    sockets: { '/sync/ws': watched },
    port: 0,
  })
  opened.push(server)
  return {
    url: server.url,
    connections: () => all.length,
    open: () => all.filter(({ isOpen }) => isOpen).length,
    cut: () => {
      for (const one of all) one.terminate()
    },
  }
}

/** A server that says what it is told to, once it has heard the greeting. */
async function standIn(greet: (socket: PlainSocket) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  })
  await once(server, 'listening')
  const heard: number[] = []
  server.on('connection', (socket) => {
    socket.on('message', (data) => heard.push((data as Buffer)[0] ?? 0))
    socket.once('message', () => greet(socket))
  })
  const { port } = server.address() as { port: number }
  return { url: `ws://127.0.0.1:${port}`, heard, sockets: server.clients }
}

function read(pages: AsyncIterable<unknown> | undefined) {
  const iterator = (pages as AsyncIterable<never>)[Symbol.asyncIterator]()
  return {
    async next(): Promise<{ cursor: never; changes: readonly { id: string }[] }> {
      const { value } = await iterator.next()
      return value
    },
  }
}

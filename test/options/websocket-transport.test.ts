import { afterEach, describe, expect } from 'vitest'
import type { Transport } from '../../src/contracts/index.ts'
import type { LogEvent, Origin } from '../../src/event/index.ts'
import { type ServeOptions, serve } from '../../src/server/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { logOf, someOrigin } from '../../src/transport/fixtures/logs.ts'
import {
  logSockets,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '../../src/transport/websocket/index.ts'
import { start } from '../../src/version/index.ts'
import { eventually, type OptionTest, testEachOption } from './each-option.ts'

type Test = OptionTest<WebSocketTransportOptions, Transport<LogEvent>>

const mine = { origin: someOrigin as Origin }
const want = { count: 1, bytes: 1_000 }
const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
})

const tests = {
  async url(make) {
    const { url } = await served()
    await using transport = make({ url })
    expect(await transport.hello(mine)).toMatchObject({ node: 'hub' })
  },

  async token(make) {
    const { url } = await served({ tokens: ['secret'] })
    await using transport = make({ url, token: 'secret' })
    expect(await transport.hello(mine)).toMatchObject({ node: 'hub' })
  },

  async WebSocket(make) {
    const { url } = await served()
    const asked: string[] = []
    class Watched extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols)
        asked.push(address)
      }
    }
    await using transport = make({ url, WebSocket: Watched })
    await transport.hello(mine)
    expect(asked).toEqual([`${url.replace('http', 'ws')}/sync/ws`])
  },

  async timeout(make) {
    const runtime = handDriven()
    await using transport = make({ url, WebSocket: Silent as never, runtime, timeout: 50 })
    const failure = transport.hello(mine).catch((error) => error.code)
    await eventually(() => runtime.pending > 0)
    runtime.pass(50)
    expect(await Promise.race([failure, turns()])).toBe('timeout')
  },

  async idle(make) {
    const runtime = handDriven()
    const { url, gone } = await served()
    await using transport = make({ url, runtime, idle: 700 })
    await transport.hello(mine)
    runtime.pass(700)
    await eventually(() => gone() === 1)
  },

  async creditBytes(make) {
    const { url, sent } = await served({}, 9)
    await using transport = make({ url, creditBytes: 1 })
    const end = new AbortController()
    const pages = transport.subscribe?.(start, want, end.signal)[Symbol.asyncIterator]()
    await pages?.next()
    await pages?.next()
    // One page at a time: the ninth event is not on its way yet.
    await turns()
    expect(sent()).toBeLessThan(5)
    end.abort()
  },

  async limits(make) {
    const { url } = await served({}, 1)
    await using transport = make({ url, limits: { event: { eventBytes: 5 } } })
    await expect(transport.pull(start, want)).rejects.toMatchObject({ code: 'invalid_event' })
  },

  async runtime(make) {
    const runtime = handDriven()
    await using transport = make({ url, WebSocket: Silent as never, runtime })
    transport.hello(mine).catch(() => {})
    await eventually(() => runtime.pending > 0)
  },
} satisfies Record<keyof WebSocketTransportOptions, Test>

describe('an option of the transport over WebSockets', () =>
  testEachOption<WebSocketTransportOptions, Transport<LogEvent>>(tests, {
    section: '`webSocketTransport`',
    make: webSocketTransport,
  }))

const url = 'ws://hub.test'

/** A WebSocket that never opens. */
class Silent extends EventTarget {
  close(): void {}
}

async function turns(): Promise<'still waiting'> {
  for (let turn = 0; turn < 100; turn++) await new Promise((next) => setImmediate(next))
  return 'still waiting'
}

async function served(options: Partial<ServeOptions> = {}, events = 0) {
  const sockets = logSockets(await logOf('hub', events))
  let [sent, gone] = [0, 0]
  const watched: typeof sockets = {
    ...sockets,
    accept(socket) {
      const send = socket.send.bind(socket)
      socket.send = (message, told) => {
        if (message[0] === 0x83) sent++
        send(message, told)
      }
      const connection = sockets.accept(socket)
      const leave = connection.gone.bind(connection)
      connection.gone = () => {
        gone++
        leave()
      }
      return connection
    },
  }
  const mounted = { mounts: {}, sockets: { '/sync/ws': watched }, port: 0 }
  const server = await serve({ ...mounted, ...options })
  opened.push(server)
  return { url: server.url, sent: () => sent, gone: () => Math.min(gone, 1) }
}

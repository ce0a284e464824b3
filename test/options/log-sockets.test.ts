import { describe, expect } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { serve } from '../../src/server/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { HandSocket, ours, say } from '../../src/transport/fixtures/hand-socket.ts'
import { logOf, someOrigin } from '../../src/transport/fixtures/logs.ts'
import {
  type LogSockets,
  type LogSocketsOptions,
  logSockets,
  webSocketTransport,
} from '../../src/transport/websocket/index.ts'
import { start } from '../../src/version/index.ts'
import { eventually, type OptionTest, testEachOption } from './each-option.ts'

type Test = OptionTest<LogSocketsOptions, LogSockets>

/** What `make` answers serves this log. */
const log = await logOf('hub', 5)
/** This one fails. */
const broken = Object.assign(await MemoryStore.open(), {
  identity: () => Promise.reject(new Error('not today')),
})

const tests = {
  async authorize(make) {
    const sockets = { '/sync/ws': make({ authorize: () => false }) }
    await using server = await serve({ mounts: {}, sockets, port: 0 })
    await using transport = webSocketTransport({ url: server.url })
    await expect(transport.pull(start, { count: 1, bytes: 1 })).rejects.toMatchObject({
      code: 'unauthorized',
    })
  },

  async silence(make) {
    const runtime = handDriven()
    const { socket } = greeted(make({ runtime, silence: 40 }))
    for (let at = 0; at < 6; at++) runtime.pass(10)
    expect(socket.isTerminated).toBe(true)
  },

  async limits(make) {
    const { socket, connection } = greeted(make({ limits: { count: 2 } }))
    say(connection, 'hello', 0, { origin: someOrigin })
    await eventually(() => socket.texts('answer').length === 1)
    expect(JSON.parse(socket.texts('answer')[0] as string)).toMatchObject({ limits: { count: 2 } })
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void told.push(message) }
    const { socket, connection } = greeted(make({ logger }))
    say(connection, 'hello', 0, { origin: someOrigin })
    await eventually(() => socket.texts('error').length === 1)
    expect(told).toEqual(['a call failed'])
  },

  async runtime(make) {
    const runtime = handDriven()
    greeted(make({ runtime }))
    expect(runtime.pending).toBe(1)
  },
} satisfies Record<keyof LogSocketsOptions, Test>

describe('an option of a log over WebSockets', () =>
  testEachOption<LogSocketsOptions, LogSockets>(tests, {
    section: '`logSockets`',
    make: (options) => logSockets(options.logger === undefined ? log : broken, options),
  }))

function greeted(sockets: LogSockets) {
  const socket = new HandSocket()
  const connection = sockets.accept(socket)
  say(connection, 'open', 0, ours)
  return { socket, connection }
}

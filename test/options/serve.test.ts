import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, vi } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { type RunningServer, type ServeOptions, serve } from '../../src/server/index.ts'
import { openState, stateServer } from '../../src/state/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { logOf } from '../../src/transport/fixtures/logs.ts'
import { logSockets, webSocketTransport } from '../../src/transport/websocket/index.ts'
import { eventually, type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<ServeOptions, Promise<RunningServer>>

/** Any port, and nothing mounted. */
const plain = { mounts: {}, port: 0 }
const large = () => new Response(new Uint8Array(32_000_000))

const tests = {
  async mounts(make) {
    await using server = await make({ port: 0, mounts: { '/tea': () => new Response('tea') } })
    expect(await (await fetch(`${server.url}/tea`)).text()).toBe('tea')
  },

  async sockets(make) {
    const sockets = { '/sync/ws': logSockets(await logOf('hub')) }
    await using server = await make({ ...plain, sockets })
    await using transport = webSocketTransport({ url: server.url })
    expect(await transport.pull('' as never, { count: 1, bytes: 1_000 })).toMatchObject({
      kind: 'page',
    })
  },

  async state(make) {
    await using tree = await openState()
    await using state = stateServer(tree)
    await using server = await make({ ...plain, state })
    await tree.set('a', 1)
    expect((await fetch(`${server.url}/a`)).status).toBe(200)
  },

  async cluster(make) {
    const cluster = { handle: () => new Response('peers only'), sockets: () => undefined }
    await using server = await make({ ...plain, cluster: cluster as never })
    expect(await (await fetch(`${server.url}/_pivot/version`)).text()).toBe('peers only')
  },

  async port(make) {
    await using taken = await serve(plain)
    const message = expect.stringMatching(`127.0.0.1:${taken.port}: the port is in use`)
    await refused(make({ mounts: {}, port: taken.port }), { message })
  },

  async host(make) {
    await using server = await make({ ...plain, host: 'localhost' })
    expect(server.url).toMatch(/^http:\/\/localhost:/)
  },

  async tokens(make) {
    await using server = await make({ ...plain, tokens: ['secret'] })
    expect((await fetch(server.url)).status).toBe(401)
    const headers = { authorization: 'Bearer secret' }
    expect((await fetch(server.url, { headers })).status).toBe(200)
  },

  async insecure(make) {
    await using server = await make({ ...plain, insecure: true })
    const headers = { origin: 'http://elsewhere.test' }
    expect((await fetch(server.url, { headers })).status).toBe(200)
  },

  async grace(make) {
    const runtime = handDriven()
    const asked = Promise.withResolvers<void>()
    const never = () => {
      asked.resolve()
      return new Promise<Response>(() => {})
    }
    const server = await make({ port: 0, mounts: { '/never': never }, runtime, grace: 50 })
    const call = fetch(`${server.url}/never`).catch(() => {})
    await asked.promise
    const closed = server.close()
    try {
      runtime.pass(50)
      await soon(closed)
    } finally {
      runtime.pass(10_000)
      await closed
      await call
    }
  },

  async maxConnections(make) {
    await using server = await make({ ...plain, maxConnections: 1 })
    const first = connect(server.port, '127.0.0.1')
    await once(first, 'connect')
    const second = connect(server.port, '127.0.0.1').on('error', () => {})
    let isGone = false
    second.once('close', () => {
      isGone = true
    })
    try {
      await eventually(() => isGone)
    } finally {
      first.destroy()
      second.destroy()
    }
  },

  async answerBytes(make) {
    await using server = await make({
      port: 0,
      mounts: { '/large': large },
      answerBytes: 40_000_000,
    })
    const first = await notReading(server.port)
    let isGone = false
    first.once('close', () => {
      isGone = true
    })
    const second = await notReading(server.port)
    first.resume()
    try {
      await eventually(() => isGone)
      expect(first.bytesRead).toBeLessThan(32_000_000)
    } finally {
      first.destroy()
      second.destroy()
    }
  },

  async answerStall(make) {
    const runtime = handDriven()
    const mounts = { '/large': large }
    await using server = await make({ port: 0, mounts, runtime, answerStall: 50 })
    const socket = await notReading(server.port)
    await eventually(() => runtime.pending > 0)
    let isGone = false
    socket.once('close', () => {
      isGone = true
    })
    runtime.pass(50)
    socket.resume()
    try {
      await eventually(() => isGone)
      expect(socket.bytesRead).toBeLessThan(32_000_000)
    } finally {
      socket.destroy()
    }
  },

  async logger(make) {
    const error = vi.fn()
    const broken = () => {
      throw new Error('not today')
    }
    const logger = { ...silentLogger, error }
    await using server = await make({ port: 0, mounts: { '/broken': broken }, logger })
    expect((await fetch(`${server.url}/broken`)).status).toBe(500)
    expect(error).toHaveBeenCalled()
  },

  async runtime(make) {
    const runtime = handDriven()
    const server = await make({ ...plain, runtime })
    const closed = server.close()
    expect(runtime.pending).toBe(1)
    await closed
  },

  async signal(make) {
    const reason = new Error('enough')
    await refused(make({ ...plain, signal: AbortSignal.abort(reason) }), reason)
  },
} satisfies Record<keyof ServeOptions, Test>

describe('an option of a server', () =>
  testEachOption<ServeOptions, Promise<RunningServer>>(tests, { section: '`serve`', make: serve }))

/** What listens all the same is closed. */
async function refused(made: Promise<RunningServer>, reason: object): Promise<void> {
  made.then(
    (server) => server.close(),
    () => {},
  )
  await expect(made).rejects.toMatchObject(reason)
}

/** A connection that has asked for the large answer and reads none of it. */
async function notReading(port: number) {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'readable')
  return socket
}

import { getEventListeners, once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RejoinError } from '../errors/index.ts'
import { silentLogger } from '../ports/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { everything, idsIn, logOf, pushOf, someOrigin } from '../transport/fixtures/logs.ts'
import { httpTransport, logHandler } from '../transport/http/index.ts'
import { start } from '../version/index.ts'
import { type Mount, type RunningServer, type ServeOptions, serve } from './index.ts'

const servers: RunningServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('a served log', () => {
  it('syncs over a real connection, packed or not', async () => {
    const log = await logOf('hub')
    const server = await served({ '/sync': logHandler(log) })
    for (const [at, compress] of [true, false].entries()) {
      const laptop = await logOf(`laptop${at}`)
      const ids = Array.from({ length: 50 }, (_, index) => `${at}-${index}`)
      await laptop.append(ids.map((id) => ({ id, type: 'T', aggregateId: id, data: { id } })))
      await using transport = httpTransport({ url: server.url, compress })
      const push = await pushOf(laptop)
      await transport.hello({ origin: push.origin })
      const pushed = await transport.push(push)
      expect(pushed.kind === 'applied' && pushed.receipts).toHaveLength(50)
      const page = await transport.pull(start, everything)
      expect(page.kind === 'page' && page.changes).toHaveLength(50 * (at + 1))
    }
    expect(await idsIn(log)).toHaveLength(100)
  })

  it('is one of several, the longest path first', async () => {
    const server = await served({
      '/sync': logHandler(await logOf('main')),
      '/sync/logs/orders': logHandler(await logOf('orders'), { base: '/sync/logs/orders' }),
    })
    const nodeAt = async (path: string) => {
      await using transport = httpTransport({ url: `${server.url}${path}` })
      return (await transport.hello({ origin: someOrigin })).node
    }
    expect(await nodeAt('/sync')).toBe('main')
    expect(await nodeAt('/sync/logs/orders')).toBe('orders')
    await expect(nodeAt('/synclogs')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('tells at its root what is here, and that it runs', async () => {
    const server = await served({ '/sync': logHandler(await logOf('hub')) }, { tokens: ['secret'] })
    const health = await fetch(`${server.url}/health`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect((await fetch(server.url)).status).toBe(401)
    const headers = { authorization: 'Bearer secret' }
    const about = await fetch(server.url, { headers })
    expect(await about.json()).toEqual({
      name: 'rejoin',
      version: expect.stringMatching(/^\d/),
      links: { health: '/health', logs: ['/sync'] },
    })
    const head = await fetch(server.url, { method: 'HEAD', headers })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await fetch(`${server.url}/health`, { method: 'POST', headers })).status).toBe(404)
  })

  it('wants its token', async () => {
    const server = await served({ '/sync': logHandler(await logOf('hub')) }, { tokens: ['secret'] })
    const hello = (headers?: HeadersInit) =>
      httpTransport({ url: server.url, ...(headers && { headers }) }).hello({ origin: someOrigin })
    await expect(hello()).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(hello({ authorization: 'Bearer wrong' })).rejects.toMatchObject({
      code: 'unauthorized',
    })
    expect(await hello({ authorization: 'Bearer secret' })).toMatchObject({ node: 'hub' })
  })

  it('answers no web page from elsewhere', async () => {
    const server = await served({ '/sync': logHandler(await logOf('hub')) })
    const status = async (headers: Record<string, string>) => {
      const path = '/sync/hello'
      const request = httpRequest({ host: '127.0.0.1', port: server.port, path, headers }).end()
      const [response] = await once(request, 'response')
      response.resume()
      return response.statusCode
    }
    expect(await status({ host: 'rebound.test' })).toBe(403)
    expect(await status({ origin: 'http://evil.test' })).toBe(403)
    expect(await status({ host: `localhost:${server.port}` })).toBe(200)
  })
})

describe('a signal', () => {
  const reason = new Error('changed my mind')

  it('that has aborted, or does so before the server listens, lets nothing be served', async () => {
    const early = serve({ mounts: {}, port: 0, signal: AbortSignal.abort(reason) })
    await expect(early).rejects.toBe(reason)
    const controller = new AbortController()
    const { port, close } = await served({})
    await close()
    const late = serve({ mounts: {}, port, signal: controller.signal })
    controller.abort(reason)
    await expect(late).rejects.toBe(reason)
    await vi.waitFor(() => expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow())
  })

  it('closes the server as close does, and is no longer listened to afterwards', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const server = await served({}, { signal })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    controller.abort(reason)
    await server.close()
    await expect(fetch(server.url)).rejects.toThrow()
    const other = new AbortController()
    await (await served({}, { signal: other.signal })).close()
    expect(getEventListeners(other.signal, 'abort')).toEqual([])
  })
})

describe('an address that cannot be had', () => {
  it('is named, and why', async () => {
    const { port } = await served({})
    const taken = served({}, { port })
    await expect(taken).rejects.toMatchObject({
      code: 'invalid_argument',
      message: `can't listen on 127.0.0.1:${port}: the port is in use`,
    })
    await expect(served({}, { host: '192.0.2.1', insecure: true })).rejects.toThrow(
      "can't listen on 192.0.2.1:0: this machine has no such address",
    )
    await expect(served({}, { host: 'no-such-host.invalid', insecure: true })).rejects.toThrow(
      /can't listen on no-such-host\.invalid:0: no(t| such) /,
    )
    await expect(served({}, { port: 70_000 })).rejects.toThrow('70000 is not a port')
  })

  it('may be written as in a URL', async () => {
    const server = await served({}, { host: '[::1]' })
    expect(server.url).toBe(`http://[::1]:${server.port}`)
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  it.each(['sync', '/', '/sync/', '/a b', ''])('mounts nothing at "%s"', async (path) => {
    const mount = () => new Response()
    await expect(served({ [path]: mount })).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  it('is not even tried where the door would be open', async () => {
    await expect(served({}, { host: '0.0.0.0' })).rejects.toBeInstanceOf(RejoinError)
  })
})

describe('the wire', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: localhost\r\nx\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      400,
    ],
    ['a path that is none', 'GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a whole URL', 'GET http://evil.test/health HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    [
      'a path that looks like a host',
      'GET //evil.test/health HTTP/1.1\r\nHost: localhost\r\n\r\n',
      404,
    ],
    ['a method fetch forbids', 'TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a host that is none', 'GET /health HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    [
      'an upgrade',
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      200,
    ],
  ])('%s is answered', async (_, text, status) => {
    const server = await served({})
    expect(await statusOf(await exchanged(server.port, text))).toBe(status)
  })

  it('keeps connections for longer than clients do', async () => {
    const server = await served({})
    const response = await fetch(`${server.url}/health`)
    expect(response.headers.get('keep-alive')).toBe('timeout=95')
  })

  it('answers a body that is too large although it is still being sent', async () => {
    const log = await logOf('hub')
    const server = await served({ '/sync': logHandler(log, { limits: { bodyBytes: 1000 } }) })
    const body = new Uint8Array(4_000_000)
    for (const framing of ['announced', 'chunked'] as const) {
      const response = await fetch(`${server.url}/sync/events?origin=${someOrigin}`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.rejoin.frames' },
        ...(framing === 'announced'
          ? { body }
          : { body: new Blob([body]).stream(), duplex: 'half' }),
      } as RequestInit)
      expect([framing, response.status]).toEqual([framing, 413])
    }
  })

  it('ends a connection whose sender does not stop after it has been answered', async () => {
    const runtime = handDriven()
    const log = await logOf('hub')
    const server = await served({ '/sync': logHandler(log) }, { runtime })
    const socket = connect(server.port, '127.0.0.1').setEncoding('latin1')
    socket.write('POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(statusOf(answer)).toBe(404)
    const closed = once(socket, 'close')
    await vi.waitFor(() => expect(runtime.pending).toBe(1))
    runtime.pass(1_000)
    runtime.pass(500)
    await closed
  })

  it('breaks off an answer that fails in the middle, so that nobody takes it for the whole', async () => {
    const error = vi.fn()
    const failing: Mount = () => {
      let pieces = 0
      const body = new ReadableStream({
        pull(controller) {
          if (pieces++ === 0) controller.enqueue(new TextEncoder().encode('half'))
          else controller.error(new Error('the disk is gone'))
        },
      })
      return new Response(body)
    }
    const server = await served({ '/half': failing }, { logger: { ...silentLogger, error } })
    const whole = fetch(`${server.url}/half`).then((response) => response.text())
    await expect(whole).rejects.toThrow()
    expect(error).toHaveBeenCalledOnce()
  })

  it('answers 500 for a handler that fails, without saying why', async () => {
    const error = vi.fn()
    const failing = () => Promise.reject(new Error('secret'))
    const server = await served({ '/x': failing }, { logger: { ...silentLogger, error } })
    const response = await fetch(`${server.url}/x`)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(error).toHaveBeenCalledOnce()
  })

  it('streams both ways no faster than the other side takes it', async () => {
    const size = 64 * 1024 * 1024
    let produced = 0
    const slow: Mount = () => {
      const body = new ReadableStream({
        pull(controller) {
          if (produced >= size) return controller.close()
          produced += 65_536
          controller.enqueue(new Uint8Array(65_536))
        },
      })
      return new Response(body)
    }
    const server = await served({ '/slow': slow })
    const response = await fetch(`${server.url}/slow`)
    await vi.waitFor(async () => {
      const before = produced
      await new Promise((resolve) => setImmediate(resolve))
      expect(produced).toBe(before)
      expect(produced).toBeGreaterThan(0)
    })
    expect(produced).toBeLessThan(size / 2)
    let received = 0
    for await (const chunk of response.body ?? []) received += chunk.byteLength
    expect(received).toBe(size)
  })
})

describe('a client that goes away', () => {
  it('aborts the request it had made', async () => {
    const reasons: unknown[] = []
    let isAsked = false
    const waiting: Mount = (request) =>
      new Promise((_, reject) => {
        isAsked = true
        request.signal.addEventListener('abort', () => {
          reasons.push(request.signal.reason)
          reject(request.signal.reason)
        })
      })
    const server = await served({ '/wait': waiting })
    const stop = new AbortController()
    const call = fetch(`${server.url}/wait`, { signal: stop.signal })
    const given = expect(call).rejects.toThrow()
    await vi.waitFor(() => expect(isAsked).toBe(true))
    stop.abort()
    await given
    await vi.waitFor(() => expect(reasons).toMatchObject([{ code: 'network' }]))
  })

  it('in the middle of a body stores nothing', async () => {
    const log = await logOf('hub')
    const server = await served({ '/sync': logHandler(log) })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST /sync/events?origin=${someOrigin} HTTP/1.1\r\nHost: localhost\r\n` +
        'Content-Type: application/vnd.rejoin.frames\r\nContent-Length: 1000\r\n\r\n{"end"',
    )
    await once(socket, 'connect')
    socket.destroy()
    await server.close()
    expect(await idsIn(log)).toEqual([])
  })
})

describe('slow readers', () => {
  it('that take nothing for too long are dropped', async () => {
    const runtime = handDriven()
    const server = await served({ '/large': large }, { runtime, answerStall: 30_000 })
    const socket = await notReading(server.port)
    const closed = once(socket, 'close')
    await vi.waitFor(() => expect(runtime.pending).toBe(1))
    runtime.pass(30_000)
    socket.resume()
    await closed
  })

  it('that hold too much together are dropped, the longest waiting first', async () => {
    const server = await served({ '/large': large }, { answerBytes: 40_000_000 })
    const first = await notReading(server.port)
    const firstClosed = once(first, 'close')
    const second = await notReading(server.port)
    first.resume()
    await firstClosed
    let received = 0
    second.on('data', (chunk: Buffer) => {
      received += chunk.byteLength
    })
    await vi.waitFor(() => expect(received).toBeGreaterThan(30_000_000))
    second.destroy()
  })
})

describe('close', () => {
  it('takes nothing new, lets what is under way finish, and ends idle connections', async () => {
    let finish: (() => void) | undefined
    const slow: Mount = () =>
      new Promise((resolve) => {
        finish = () => resolve(new Response('done'))
      })
    const server = await served({ '/slow': slow })
    await (await fetch(`${server.url}/health`)).text()
    const call = fetch(`${server.url}/slow`)
    await vi.waitFor(() => expect(finish).toBeDefined())
    const closed = server.close()
    expect(server.close()).toBe(closed)
    await vi.waitFor(() => expect(fetch(`${server.url}/health`)).rejects.toThrow())
    finish?.()
    const response = await call
    expect([response.headers.get('connection'), await response.text()]).toEqual(['close', 'done'])
    await closed
  })

  it('waits for no connection on which nothing was asked', async () => {
    const server = await served({}, { runtime: handDriven() })
    const socket = connect(server.port, '127.0.0.1')
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('connect', resolve))
    // Later connections are taken later: once this one has an answer, the server knows the other.
    await (await fetch(`${server.url}/health`)).text()
    await server.close()
    await ended
  })

  it('ends what has not finished by its deadline', async () => {
    const runtime = handDriven()
    const server = await served(
      { '/never': () => new Promise(() => {}) },
      { runtime, grace: 5_000 },
    )
    const call = expect(fetch(`${server.url}/never`)).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const closed = server.close()
    runtime.pass(5_000)
    await closed
    await call
  })
})

async function served(
  mounts: Readonly<Record<string, Mount>>,
  options: Partial<ServeOptions> = {},
): Promise<RunningServer> {
  const server = await serve({ mounts, port: 0, ...options })
  servers.push(server)
  return server
}

const large: Mount = () => new Response(new Uint8Array(32_000_000))

/** A connection that has asked for the large answer and reads none of it. */
async function notReading(port: number) {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'readable')
  return socket
}

async function exchanged(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
    .setEncoding('latin1')
    .on('error', () => {})
  socket.write(text)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return answer as string
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
}

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../ports/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { idsIn, logOf, someOrigin } from '../transport/fixtures/logs.ts'
import { logHandler } from '../transport/http/index.ts'
import { served } from './fixtures/served.ts'
import type { Mount } from './index.ts'

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
    await using server = await served({})
    expect(await statusOf(await exchanged(server.port, text))).toBe(status)
  })

  it('keeps connections for longer than clients do', async () => {
    await using server = await served({})
    const response = await fetch(`${server.url}/health`)
    expect(response.headers.get('keep-alive')).toBe('timeout=95')
  })

  it('answers a body that is too large although it is still being sent', async () => {
    const log = await logOf('hub')
    await using server = await served({ '/sync': logHandler(log, { limits: { bodyBytes: 1000 } }) })
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
    await using server = await served({ '/sync': logHandler(log) }, { runtime })
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
    await using server = await served({ '/half': failing }, { logger: { ...silentLogger, error } })
    const whole = fetch(`${server.url}/half`).then((response) => response.text())
    await expect(whole).rejects.toThrow()
    expect(error).toHaveBeenCalledOnce()
  })

  it('answers 500 for a handler that fails, without saying why', async () => {
    const error = vi.fn()
    const failing = () => Promise.reject(new Error('secret'))
    await using server = await served({ '/x': failing }, { logger: { ...silentLogger, error } })
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
    await using server = await served({ '/slow': slow })
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
    await using server = await served({ '/wait': waiting })
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
    await using server = await served({ '/sync': logHandler(log) })
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
    await using server = await served({ '/large': large }, { runtime, answerStall: 30_000 })
    const socket = await notReading(server.port)
    const closed = once(socket, 'close')
    await vi.waitFor(() => expect(runtime.pending).toBe(1))
    runtime.pass(30_000)
    socket.resume()
    await closed
  })

  it('that hold too much together are dropped, the longest waiting first', async () => {
    await using server = await served({ '/large': large }, { answerBytes: 40_000_000 })
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

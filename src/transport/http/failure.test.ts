import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, RejoinError } from '../../errors/index.ts'
import { start } from '../../version/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { framesOf, gzip, streamOf } from '../fixtures/hub.ts'
import { everything, logOf, pushOf, someOrigin } from '../fixtures/logs.ts'
import { type HttpTransportOptions, httpTransport } from './client.ts'

const { changes } = await pushOf(await logOf('hub', 3))
const frames = framesOf(changes, { cursor: 'c', more: false })
const framesType = { 'content-type': 'application/vnd.rejoin.frames' }

describe('an answer other than 200', () => {
  it.each<[number, ErrorCode, boolean]>([
    [204, 'protocol', false],
    [301, 'protocol', false],
    [400, 'protocol', false],
    [401, 'unauthorized', false],
    [403, 'forbidden', false],
    [404, 'not_found', false],
    [405, 'protocol', false],
    [408, 'timeout', true],
    [413, 'too_large', false],
    [415, 'protocol', false],
    [429, 'unavailable', true],
    [500, 'unavailable', true],
    [502, 'unavailable', true],
    [503, 'unavailable', true],
    [504, 'timeout', true],
  ])('%i is %s', async (status, code, retryable) => {
    const body =
      status === 204 ? null : '{"error":{"code":"x","message":"their words","retryable":true}}'
    const error = await helloFailure(new Response(body, { status }))
    expect(error).toMatchObject({ code, retryable, operation: 'hello' })
    expect(error.details).toMatchObject({ url: 'https://hub.test/sync', status })
    expect(error.message).toContain('https://hub.test/sync')
    if (body !== null) expect(error.message).toContain('their words')
  })

  it('may be anything at all', async () => {
    const page = new Response('<h1>Not found</h1>', { status: 404 })
    expect((await helloFailure(page)).message).toMatch(/no Rejoin server there/)
  })

  it('that points elsewhere says where', async () => {
    const moved = new Response(null, { status: 308, headers: { location: 'https://new.test/' } })
    expect((await helloFailure(moved)).message).toContain('https://new.test/')
  })

  it('says how long to wait', async () => {
    const wait = async (value: string) => {
      const response = new Response('', { status: 503, headers: { 'retry-after': value } })
      return (await helloFailure(response)).details.retryAfter
    }
    expect(await wait('7')).toBe(7000)
    expect(await wait('Thu, 01 Jan 2026 00:02:00 GMT')).toBe(120_000)
    expect(await wait('soon')).toBeUndefined()
  })
})

describe('an answer in no protocol of ours', () => {
  const hello = {
    protocol: { name: 'rejoin', version: 1 },
    node: 'hub',
    origin: someOrigin,
    end: '',
    time: 1,
    limits: { count: 1, bytes: 1 },
    you: { received: '', pulled: '', sequence: '0', ids: [] },
  }

  it.each<[string, Response, RegExp]>([
    ['a web page', new Response('<p>', { headers: { 'content-type': 'text/html' } }), /text\/html/],
    ['untyped', new Response(new Uint8Array([1])), /untyped/],
    [
      'not JSON',
      new Response('{', { headers: { 'content-type': 'application/json' } }),
      /not JSON/,
    ],
    [
      'not UTF-8',
      new Response(new Uint8Array([0xff]), { headers: { 'content-type': 'application/json' } }),
      /UTF-8/,
    ],
    ['other JSON', Response.json([]), /must be an object/],
    [
      'another protocol',
      Response.json({ ...hello, protocol: { name: 'x', version: 1 } }),
      /speaks x/,
    ],
    [
      'a newer version',
      Response.json({ protocol: { name: 'rejoin', version: 2 } }),
      /version 2, this is 1/,
    ],
    ['no word about us', Response.json({ ...hello, you: undefined }), /"you"/],
    [
      'a cursor of ours that we never gave',
      Response.json({ ...hello, you: { ...hello.you, received: 'x' } }),
      /"received"/,
    ],
    ['a malformed origin', Response.json({ ...hello, origin: 'x' }), /"origin"/],
    [
      'a sequence that is a number',
      Response.json({ ...hello, you: { ...hello.you, sequence: 1 } }),
      /"sequence"/,
    ],
  ])('%s: is a protocol error', async (_, response, words) => {
    const error = await helloFailure(response)
    expect(error).toMatchObject({ code: 'protocol', retryable: false })
    expect(error.message).toMatch(words)
  })

  it('a wrong number of receipts', async () => {
    const answer = Response.json({ kind: 'applied', receipts: ['stored'] })
    const push = { origin: someOrigin, changes, cursor: start, expects: start }
    const call = answering(answer).push(push)
    await expect(call).rejects.toMatchObject({ code: 'protocol' })
  })

  it('receipts of an unknown kind', async () => {
    const answer = Response.json({ kind: 'applied', receipts: ['stored', 'lost', 'stored'] })
    const push = { origin: someOrigin, changes, cursor: start, expects: start }
    await expect(answering(answer).push(push)).rejects.toMatchObject({ code: 'protocol' })
  })
})

describe('a page', () => {
  it('that breaks off anywhere is a broken connection, not a short page', async () => {
    const bytes = new TextEncoder().encode(frames)
    for (let length = 0; length < bytes.byteLength; length += 7) {
      const error = await pullFailure(new Response(bytes.slice(0, length), { headers: framesType }))
      expect([error.code, error.retryable]).toEqual(['network', true])
    }
  })

  it.each([
    ['a broken header', `[]\n1\n${frames}`],
    ['an end that says nothing', framesOf(changes, {})],
    ['JSON', '{"end":1}\n'],
  ])('with %s is a protocol error', async (_, body) => {
    const error = await pullFailure(new Response(body, { headers: framesType }))
    expect(error).toMatchObject({ code: 'protocol', retryable: false })
  })

  it('with an event that breaks a rule here fails, naming it: to skip it would lose it', async () => {
    const body = frames.replace('"at":1', '"at":7')
    const error = await pullFailure(new Response(body, { headers: framesType }))
    expect(error).toMatchObject({ code: 'invalid_event', details: { id: 'e1' } })
  })
})

describe('X1: an answer beyond the limits', () => {
  const limits = { unpackedBytes: frames.length, bodyBytes: 100 }

  it('is refused one byte over, not at the limit', async () => {
    const size = new TextEncoder().encode(frames).byteLength
    const pull = (unpackedBytes: number) =>
      answering(new Response(frames, { headers: framesType }), { limits: { unpackedBytes } }).pull(
        start,
        everything,
      )
    expect(await pull(size)).toMatchObject({ kind: 'page' })
    await expect(pull(size - 1)).rejects.toMatchObject({ code: 'too_large', retryable: false })
  })

  it('is not read on: a stream without end is cancelled', async () => {
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel() {
        cancelled = true
      },
    })
    const error = await pullFailure(new Response(endless, { headers: framesType }), { limits })
    expect(error.code).toBe('too_large')
    expect(cancelled).toBe(true)
  })

  it('is not read at all when it is announced', async () => {
    for (const headers of [
      { 'content-length': '101', 'content-encoding': 'gzip' },
      { 'content-length': String(frames.length + 1) },
    ]) {
      let read = 0
      const stream = new ReadableStream<Uint8Array>(
        { pull: (controller) => controller.enqueue(new Uint8Array(++read)) },
        { highWaterMark: 0 },
      )
      const response = new Response(stream, { headers: { ...framesType, ...headers } })
      expect((await pullFailure(response, { limits })).code).toBe('too_large')
      expect(read).toBe(0)
    }
  })

  it('is refused when it grows beyond them while it is unpacked here', async () => {
    const packed = await gzip(new Uint8Array(1_000_000))
    const response = new Response(streamOf([packed]), { headers: framesType })
    const error = await pullFailure(response, { limits: { unpackedBytes: 10_000 } })
    expect(error.code).toBe('too_large')
  })
})

describe('no answer', () => {
  it('names the reason below what fetch says', async () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }))
    const transport = httpTransport({ url: 'http://user:secret@hub.test:1/x', fetch })
    const error = await failureOf(transport.hello({ origin: someOrigin }))
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(error.message).toBe(
      "can't reach http://hub.test:1/x: nothing listens there (ECONNREFUSED)",
    )
  })

  it('from a port where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const transport = httpTransport({ url: `http://127.0.0.1:${port}` })
    const error = await failureOf(transport.hello({ origin: someOrigin }))
    expect(error.message).toBe(
      `can't reach http://127.0.0.1:${port}/sync: nothing listens there (ECONNREFUSED)`,
    )
  })

  it('from a port that fetch does not go to', async () => {
    const transport = httpTransport({ url: 'http://127.0.0.1:9' })
    const { message } = await failureOf(transport.hello({ origin: someOrigin }))
    expect(message).toContain('fetch goes to no port that is known for another protocol')
  })

  it.each([
    ['before it answers', ''],
    ['after a header', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'],
    ['in the middle of a body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome'],
  ])('from a server that hangs up %s', async (_, sent) => {
    const server = createServer().on('connection', (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(sent))
    })
    server.removeAllListeners('request')
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const transport = httpTransport({ url: `http://127.0.0.1:${port}` })
    const error = await failureOf(transport.pull(start, everything))
    expect(error).toMatchObject({ code: 'network', retryable: true })
    server.close()
    server.closeAllConnections()
  })
})

function answering(response: Response, options: Partial<HttpTransportOptions> = {}) {
  const fetch = async () => response
  return httpTransport({ url: 'https://hub.test/sync', fetch, runtime: handDriven(), ...options })
}

function helloFailure(response: Response): Promise<RejoinError> {
  // For a 404 the client asks once more: a server of go-sync-kit may stand there.
  const fetch = async () => response.clone()
  return failureOf(answering(response, { fetch }).hello({ origin: someOrigin }))
}

function pullFailure(
  response: Response,
  options?: Partial<HttpTransportOptions>,
): Promise<RejoinError> {
  return failureOf(answering(response, options).pull(start, everything))
}

async function failureOf(call: Promise<unknown>): Promise<RejoinError> {
  const error = await call.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof RejoinError) return error
  throw error
}

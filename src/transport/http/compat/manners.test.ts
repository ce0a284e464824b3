import { describe, expect, it } from 'vitest'
import type { Replica } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import { bodyOf, goClientOf } from '../../fixtures/go-client.ts'
import { handDriven } from '../../fixtures/hand-driven.ts'
import { gunzip, gzip, hubOf, streamOf } from '../../fixtures/hub.ts'
import { idsIn, logOf } from '../../fixtures/logs.ts'
import { logHandler } from '../handler.ts'

const one = bodyOf([{ id: 'e1' }])

describe('paths', () => {
  it.each([
    ['/sync', '/sync/pull', 200],
    ['/sync', '/sync/latest-version', 200],
    ['/sync', '/sync/pull/', 404],
    ['/sync', '/sync', 404],
    ['/sync', '/sync/', 404],
    ['/sync', '/syncpull', 404],
    ['/sync', '/sync/sync/pull', 404],
    ['/sync', '/sync/Pull', 404],
    ['/sync', '/sync/constructor', 404],
    ['', '/pull', 200],
    ['', '/sync/pull', 200],
    ['', '/sync/sync/pull', 404],
    ['', '/pull/', 404],
    ['', '/sync', 404],
    ['/sync/logs/orders', '/sync/logs/orders/pull', 200],
    ['/sync/logs/orders', '/sync/pull', 404],
    ['/c/42/sync', '/c/42/sync/pull', 200],
  ])('at %j, %s answers %i', async (base, path, status) => {
    const handler = logHandler(await logOf('hub', 1), { base })
    const response = await handler(new Request(`http://hub.test${path}`))
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    if (status === 404) expect(await response.text()).toBe('{"error":"not found"}')
  })

  it.each([
    ['GET', 'push'],
    ['PUT', 'push'],
    ['POST', 'pull'],
    ['HEAD', 'pull'],
    ['POST', 'latest-version'],
    ['HEAD', 'latest-version'],
    ['GET', 'pull-cursor'],
    ['OPTIONS', 'pull-cursor'],
    ['DELETE', 'pull-cursor'],
  ])('%s %s is not allowed, and nothing says what is', async (method, path) => {
    const response = await (await hubOf(1)).ask(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.has('allow')).toBe(false)
    expect(await response.text()).toBe(method === 'HEAD' ? '' : '{"error":"method not allowed"}')
  })

  it('are not there where they are not wanted, or the log has no positions', async () => {
    const log = await logOf('hub', 1)
    const request = () => new Request('http://hub.test/sync/pull')
    expect((await logHandler(log, { compat: false })(request())).status).toBe(404)
    const replica = { identity: () => log.identity() } as Replica<LogEvent>
    expect((await logHandler(replica)(request())).status).toBe(404)
    const hello = await logHandler(log, { compat: false })(
      new Request('http://hub.test/sync/hello'),
    )
    expect(hello.status).toBe(200)
  })
})

describe('content types', () => {
  it.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['application/json-patch', 200],
    [undefined, 200],
    ['', 200],
    ['text/plain', 415],
    ['Application/JSON', 415],
    ['application/xml', 415],
    ['text/json', 415],
    ['multipart/form-data; boundary=x', 415],
  ])('%j: %i', async (type, status) => {
    const hub = await hubOf()
    const response = await hub.ask('push', {
      method: 'POST',
      headers: type === undefined ? {} : { 'content-type': type },
      body: new TextEncoder().encode(one),
    })
    expect(response.status).toBe(status)
    if (status === 415) expect(await response.text()).toBe('{"error":"unsupported media type"}')
    expect(await idsIn(hub.log)).toHaveLength(status === 200 ? 1 : 0)
  })
})

describe('content encodings', () => {
  it.each([
    ['', false, 200],
    ['gzip', true, 200],
    ['GZIP', true, 200],
    [' gzip ', true, 200],
    ['identity', false, 415],
    ['deflate', false, 415],
    ['br', false, 415],
    ['gzip, deflate', true, 415],
    ['x-gzip', true, 415],
  ])('%j: %s, %i', async (coding, packed, status) => {
    const hub = await hubOf()
    const body = packed ? await gzip(one) : one
    const response = await goClientOf(hub).push(body, { 'content-encoding': coding })
    expect(response.status).toBe(status)
    if (status === 415)
      expect(await response.json()).toEqual({
        error: `unsupported content encoding: ${coding} (only gzip is supported)`,
      })
  })

  it('that are not what they say are refused', async () => {
    const go = goClientOf(await hubOf())
    const headers = { 'content-encoding': 'gzip' }
    const plain = await go.push(one, headers)
    expect(plain.status).toBe(400)
    expect(await plain.json()).toEqual({ error: 'invalid gzip data: gzip: invalid header' })
    const short = await go.push((await gzip(one)).slice(0, -9), headers)
    expect(short.status).toBe(400)
    expect(await short.json()).toEqual({ error: 'invalid gzip data: unexpected EOF' })
  })
})

describe('sizes', () => {
  const mebibyte = 1024 * 1024
  const padded = (bytes: number) => one.padEnd(bytes, ' ')

  it('up to 10 MiB as it travels, exactly', async () => {
    const hub = await hubOf()
    expect((await goClientOf(hub).push(padded(10 * mebibyte))).status).toBe(200)
    const announced = await goClientOf(hub).push('x', {
      'content-length': String(10 * mebibyte + 1),
    })
    expect(announced.status).toBe(413)
    expect(await announced.json()).toEqual({
      error: 'request body too large: maximum size is 10485760 bytes',
    })
    const chunk = new TextEncoder().encode(padded(mebibyte))
    const chunked = await hub.ask('push', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: streamOf([...Array.from({ length: 10 }, () => chunk), chunk.slice(0, 1)]),
    })
    expect(chunked.status).toBe(413)
    expect(await chunked.json()).toEqual({ error: 'http: request body too large' })
  })

  it('up to 20 MiB unpacked, exactly', async () => {
    const go = goClientOf(await hubOf())
    const headers = { 'content-encoding': 'gzip' }
    expect((await go.push(await gzip(padded(20 * mebibyte)), headers)).status).toBe(200)
    const over = await go.push(await gzip(padded(20 * mebibyte + 1)), headers)
    expect(over.status).toBe(413)
    expect(await over.json()).toEqual({ error: 'decompressed data exceeds maximum size limit' })
  })

  it('are options', async () => {
    const go = goClientOf(await hubOf(0, { limits: { bodyBytes: 100, bufferedBytes: 10_000 } }))
    expect((await go.push(padded(100))).status).toBe(200)
    expect(await (await go.push(padded(101))).json()).toEqual({
      error: 'http: request body too large',
    })
  })

  it('are held for a cursor as well', async () => {
    const go = goClientOf(await hubOf())
    expect((await go.cursor('{}'.padEnd(10 * mebibyte + 1, ' '))).status).toBe(413)
  })

  it('of all bodies together are bounded: beyond that a client is told to come back (S5)', async () => {
    const hub = await hubOf(0, { limits: { bufferedBytes: 1000 } })
    const response = await goClientOf(hub).push(padded(2000), { 'content-length': '2000' })
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toEqual({ error: 'the server is busy' })
  })
})

describe('X1: a body that comes slowly', () => {
  it('is given up, and its sender told so', async () => {
    const runtime = handDriven()
    const hub = await hubOf(0, { runtime, limits: { bodyIdle: 10_000, bodyTime: 60_000 } })
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(one.slice(0, 9))),
    })
    const headers = { 'content-type': 'application/json' }
    const response = hub.ask('push', { method: 'POST', headers, body })
    while (runtime.pending < 2) await new Promise((resolve) => setImmediate(resolve))
    runtime.pass(10_000)
    expect((await response).status).toBe(408)
    expect(await (await response).json()).toEqual({ error: 'the body came too slowly' })
    expect(await idsIn(hub.log)).toEqual([])
    expect(runtime.pending).toBe(0)
  })
})

describe('compression of answers', () => {
  // '[' + ']' and what stands around the data.
  const around = `[{"event":{"id":"e1","type":"T","aggregate_id":"a","data":"","metadata":null},"version":"1"}]`

  it.each([
    ['gzip', 1024, true],
    ['gzip', 1023, false],
    ['gzip, deflate', 1024, true],
    ['deflate, br', 1024, false],
    ['gzip;q=0', 1024, true],
    ['x-gzip', 1024, true],
    [undefined, 1024, false],
    ['', 1024, false],
  ])('for %j, %i bytes: %s', async (accepts, bytes, packed) => {
    const hub = await hubOf()
    await goClientOf(hub).push([{ id: 'e1', data: 'x'.repeat(bytes - around.length) }])
    const headers = accepts === undefined ? {} : { 'accept-encoding': accepts }
    const response = await hub.ask('pull', { headers })
    expect(response.headers.get('content-encoding')).toBe(packed ? 'gzip' : null)
    if (packed) expect(response.headers.get('vary')?.toLowerCase()).toBe('accept-encoding')
    const text = packed ? await gunzip(response.body) : await response.text()
    expect(text).toHaveLength(bytes)
  })

  it('is an option, and holds for refusals too', async () => {
    const never = await hubOf(200, { compress: false })
    const headers = { 'accept-encoding': 'gzip' }
    expect((await never.ask('pull', { headers })).headers.has('content-encoding')).toBe(false)
    const always = await hubOf(0, { threshold: 1 })
    const refused = await always.ask('pull?since=x', { headers })
    expect(refused.headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(await gunzip(refused.body))).toEqual({
      error: `invalid 'since' version: "x"`,
    })
  })
})

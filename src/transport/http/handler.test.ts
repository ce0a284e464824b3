import { describe, expect, it, vi } from 'vitest'
import type { Replica } from '../../contracts/index.ts'
import { type ErrorCode, RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { silentLogger } from '../../ports/index.ts'
import { errorIn, framesOf, hubOf } from '../fixtures/hub.ts'
import { logOf, pushOf, someOrigin, wellFormed } from '../fixtures/logs.ts'
import { logHandler } from './handler.ts'

describe('hello', () => {
  it('says who answers, in which protocol, and how far its log goes', async () => {
    const hub = await hubOf(2)
    const response = await hub.ask('hello')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { origin, end } = await hub.log.identity()
    expect(await response.json()).toEqual({
      protocol: { name: 'rejoin', version: 1 },
      node: 'hub',
      origin,
      end,
      time: expect.any(Number),
      limits: { count: 2000, bytes: 4194304 },
      filters: true,
    })
  })

  it('tells a named peer what is known of it, and takes what the peer knows', async () => {
    const hub = await hubOf(1)
    const push = await pushOf(await logOf('laptop', 2))
    const got = await (await hub.ask(`hello?origin=${push.origin}`)).json()
    expect(got.you).toEqual({ received: '', pulled: '', sequence: '0', ids: [] })
    const { origin, end } = await hub.log.identity()
    const you = { origin, received: end, pulled: end, sequence: '9', ids: ['e9'] }
    const response = await hub.ask('hello', asJson({ origin: push.origin, you }))
    expect(await response.json()).toMatchObject({ node: 'hub', you: { sequence: '0' } })
    expect((await hub.log.identity()).origin).not.toBe(origin)
  })

  it.each([
    { received: 'x' },
    { pulled: 'AAAAAAAAAAAAAAAA.-1.' },
    { sequence: '-1' },
    { sequence: '9223372036854775808' },
    { sequence: 5 },
    { ids: ['a\nb'] },
    { ids: 'e1' },
    { origin: 'hub' },
    { more: 1 },
  ])('never takes what is malformed for a sign that the log is a copy: %j', async (wrong) => {
    const hub = await hubOf(1)
    const { origin } = await hub.log.identity()
    const you = { origin, received: '', pulled: '', sequence: '9', ids: ['e1'], ...wrong }
    const response = await hub.ask('hello', asJson({ origin: someOrigin, you }))
    expect(response.status).toBe(400)
    expect((await hub.log.identity()).origin).toBe(origin)
  })
})

describe('events', () => {
  it('come as frames with a line that says where to go on', async () => {
    const hub = await hubOf(3)
    const response = await hub.ask('events?count=2')
    expect(response.headers.get('content-type')).toBe('application/vnd.rejoin.frames')
    const { changes } = await pushOf(hub.log)
    const text = await response.text()
    const { end } = JSON.parse(text.trimEnd().split('\n').at(-1) as string)
    expect(end).toEqual({ cursor: expect.any(String), more: true })
    expect(text).toBe(framesOf(changes.slice(0, 2), end))
    const rest = await (await hub.ask(`events?after=${end.cursor}`)).text()
    expect(rest).toMatch(/"more":false}}\n$/)
  })

  it('leave out what came over the link that asks', async () => {
    const hub = await hubOf(1)
    const laptop = await pushOf(await logOf('laptop', 0))
    await hub.push(framesOf((await pushOf(await otherEvents())).changes))
    const text = await (await hub.ask(`events?not-via=${someOrigin}`)).text()
    expect(text.split('\n').filter((line) => line.startsWith('{"id"'))).toHaveLength(1)
    expect(laptop.changes).toEqual([])
  })

  it('are answered with a reset after a cursor this log never gave', async () => {
    const hub = await hubOf(1)
    const response = await hub.ask(`events?after=${wellFormed}`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('{"end":{"reset":true}}\n')
  })

  it('are fetched by their ids', async () => {
    const hub = await hubOf(3)
    const { changes } = await pushOf(hub.log)
    const response = await hub.ask('events/fetch', asJson({ ids: ['e1', 'unknown'] }))
    expect(await response.text()).toBe(framesOf(changes.slice(1, 2), { more: false }))
    const many = Array.from({ length: 1001 }, (_, at) => `e${at}`)
    expect((await hub.ask('events/fetch', asJson({ ids: many }))).status).toBe(413)
  })
})

describe('paths and methods', () => {
  it.each([
    ['POST', 'hello/', 404],
    ['GET', 'nothing', 404],
    ['GET', '', 404],
    ['GET', 'constructor', 404],
    ['GET', '__proto__', 404],
    ['GET', 'events/fetch/', 404],
    ['DELETE', 'events', 405],
    ['PUT', 'hello', 405],
    ['OPTIONS', 'events/fetch', 405],
    ['constructor', 'events', 405],
  ])('%s %s: %i', async (method, path, status) => {
    const hub = await hubOf(1)
    const response = await hub.ask(path, { method })
    expect(response.status).toBe(status)
    // Nobody's path is refused in words that go-sync-kit's clients read as well.
    if (status === 404) expect(await response.json()).toEqual({ error: 'not found' })
    else expect((await errorIn(response)).code).toBe('invalid_argument')
  })

  it('says which methods a path has', async () => {
    const hub = await hubOf()
    const allowed = async (path: string) =>
      (await hub.ask(path, { method: 'PATCH' })).headers.get('allow')
    expect(await allowed('events')).toBe('GET, HEAD, POST')
    expect(await allowed('events/fetch')).toBe('POST')
  })

  it('answers HEAD as GET, without the body', async () => {
    const hub = await hubOf(3)
    const got = await hub.ask('events')
    const head = await hub.ask('events', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe(String((await got.bytes()).byteLength))
    expect(await head.text()).toBe('')
  })

  it('stands where it is mounted', async () => {
    const handler = logHandler(await logOf('hub'), { base: '/sync/logs/orders/' })
    const status = async (path: string) =>
      (await handler(new Request(`http://hub.test${path}`))).status
    expect(await status('/sync/logs/orders/hello')).toBe(200)
    expect(await status('/sync/logs/ordershello')).toBe(404)
    expect(await status('/sync/hello')).toBe(404)
    expect(() => logHandler({} as Replica<LogEvent>, { base: 'sync?' })).toThrow(RejoinError)
  })
})

describe('queries', () => {
  it.each([
    ['hello?origin=', '"origin"'],
    ['hello?origin=nobody', '"origin"'],
    ['hello?orgin=a~0123456789abcdef', '"orgin" is unknown'],
    ['hello?__proto__=1', '"__proto__" is unknown'],
    ['events?after=x', '"after"'],
    ['events?after=AAAAAAAAAAAAAAAA.9223372036854775808.', '"after"'],
    ['events?count=0', '"count"'],
    ['events?count=-1', '"count"'],
    ['events?count=1e3', '"count"'],
    ['events?bytes=9999999999999999', '"bytes"'],
    ['events?count=1&count=2', '"count" is given twice'],
    ['events?not-via=x', '"not-via"'],
    [`events?${'x'.repeat(60)}=1`, `"${'x'.repeat(40)}…" is unknown`],
  ])('%s is refused, naming what is wrong', async (path, named) => {
    const response = await (await hubOf(1)).ask(path)
    expect(response.status).toBe(400)
    const error = await errorIn(response)
    expect(error.code).toBe('invalid_argument')
    expect(error.message).toContain(named)
  })

  it('wants the origin of a push', async () => {
    const hub = await hubOf()
    const headers = { 'content-type': 'application/vnd.rejoin.frames' }
    const response = await hub.ask('events', { method: 'POST', headers, body: framesOf([]) })
    expect(response.status).toBe(400)
    expect((await errorIn(response)).message).toBe('query: "origin" is missing')
  })
})

describe('authorize', () => {
  it('is asked first: nothing is known of paths, nothing is read', async () => {
    const authorize = vi.fn(() => false)
    const hub = await hubOf(1, { authorize })
    for (const path of ['hello', 'nothing', 'events?x=1']) {
      const response = await hub.ask(path)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect((await errorIn(response)).code).toBe('unauthorized')
    }
    const body = framesOf((await pushOf(await otherEvents())).changes)
    expect((await hub.push(body)).status).toBe(401)
    expect((await hub.log.status()).events).toBe(1n)
    expect(authorize).toHaveBeenCalledTimes(4)
  })

  it('may answer itself, and may take its time', async () => {
    const hub = await hubOf(0, { authorize: async () => new Response('no', { status: 403 }) })
    expect((await hub.ask('hello')).status).toBe(403)
    const open = await hubOf(0, { authorize: async () => true })
    expect((await open.ask('hello')).status).toBe(200)
  })
})

describe('trouble behind the handler', () => {
  it.each<[ErrorCode, number, boolean]>([
    ['storage_full', 503, true],
    ['storage_readonly', 503, true],
    ['storage_busy', 503, true],
    ['storage_io', 503, true],
    ['closed', 503, true],
    ['unavailable', 503, true],
    ['clock', 503, true],
    ['storage_damaged', 500, false],
    ['internal', 500, false],
    ['invalid_event', 400, false],
    ['id_conflict', 409, false],
    ['forbidden', 403, false],
  ])('%s is answered with %i', async (code, status, retryable) => {
    const failure = new RejoinError(code, 'secret /path', { operation: 'x', component: 'store' })
    const handler = logHandler(failing(failure))
    const response = await handler(new Request('http://hub.test/sync/hello'))
    expect(response.status).toBe(status)
    expect(response.headers.has('retry-after')).toBe(status === 503)
    const error = await errorIn(response)
    expect(error).toMatchObject({ code, retryable })
    if (status >= 500) expect(error.message).not.toContain('secret')
  })

  it.each([
    ['closed', '1'],
    ['storage_busy', '1'],
    ['storage_full', '5'],
  ] as const)('%s asks for %s s of patience', async (code, seconds) => {
    const failure = new RejoinError(code, 'x', { operation: 'x', component: 'store' })
    const response = await logHandler(failing(failure))(new Request('http://hub.test/sync/hello'))
    expect(response.headers.get('retry-after')).toBe(seconds)
  })

  it('that nobody foresaw is a 500, logged, and not told', async () => {
    const error = vi.fn()
    const failure = new TypeError('secret')
    const handler = logHandler(failing(failure), { logger: { ...silentLogger, error } })
    const response = await handler(new Request('http://hub.test/sync/hello'))
    expect(response.status).toBe(500)
    expect((await errorIn(response)).message).not.toContain('secret')
    const fields = { path: '/sync/hello', error: failure }
    expect(error).toHaveBeenCalledWith('a request failed', fields)
  })

  it('does not keep a request whose signal aborts', async () => {
    const stop = new AbortController()
    const never = () => new Promise<never>(() => {})
    const waiting = { identity: never } as unknown as Replica<LogEvent>
    const { signal } = stop
    const call = logHandler(waiting)(new Request('http://hub.test/sync/hello', { signal }))
    stop.abort('gone')
    await expect(call).rejects.toBe('gone')
  })
})

function failing(error: Error): Replica<LogEvent> {
  return { identity: () => Promise.reject(error) } as unknown as Replica<LogEvent>
}

function otherEvents() {
  return logOf('elsewhere', 2).then(async (log) => {
    await log.append([{ id: 'other', type: 'T', aggregateId: 'b' }])
    return log
  })
}

function asJson(body: object): RequestInit {
  const headers = { 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(body) }
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { machine, write } from '../../../../test/fleet.ts'
import { syncOnce } from '../../../link/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import { type GoServerFixture, goServer } from '../../fixtures/go-server.ts'
import { hubOf } from '../../fixtures/hub.ts'
import { everything, someOrigin } from '../../fixtures/logs.ts'
import { type HttpTransportOptions, httpTransport } from '../client.ts'

describe('a transport that is told nothing', () => {
  it('speaks our protocol where hello offers it', async () => {
    const hub = await hubOf(2)
    const routes: string[] = []
    const transport = httpTransport({
      url: 'http://hub.test',
      fetch: async (input, init) => {
        routes.push(new URL(String(input)).pathname)
        return hub.handler(new Request(String(input), init))
      },
    })
    expect((await transport.hello({ origin: someOrigin })).you).toBeDefined()
    expect(await transport.pull(start, everything)).toMatchObject({ kind: 'page' })
    expect(routes).toEqual(['/sync/hello', '/sync/events'])
  })

  it('speaks go-sync-kit’s where a server of it answers, and greets it under one name for ever', async () => {
    const go = goServer()
    await go.push({ id: 'g1', type: 'T', aggregate_id: 'a' })
    const welcomes = await Promise.all(
      [go.url, `${go.url}/`, 'http://go.test'].map((url) =>
        httpTransport({ url, fetch: go.fetch }).hello({ origin: someOrigin }),
      ),
    )
    for (const { node, origin, you } of welcomes) {
      expect(you).toBeUndefined()
      expect(node).toMatch(/^go-[0-9a-f]{16}$/)
      expect(origin).toBe(welcomes[0]?.origin)
    }
    const elsewhere = httpTransport({ url: 'http://go.test/other/sync', fetch: go.fetch })
    await expect(elsewhere.hello({ origin: someOrigin })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('does not take a 404 page, or a page for everything, for a Go server', async () => {
    const pages = [
      () => new Response('<h1>Not found</h1>', { status: 404 }),
      (path: string) =>
        path.includes('/hello')
          ? Response.json({ error: 'not found' }, { status: 404 })
          : new Response('<h1>Welcome</h1>', { headers: { 'content-type': 'text/html' } }),
      (path: string) =>
        path.includes('/hello') ? new Response('', { status: 404 }) : Response.json({ v: 1 }),
      (path: string) =>
        path.includes('/hello') ? new Response('', { status: 404 }) : Response.json(42),
    ]
    for (const page of pages) {
      const fetch = async (input: string | URL | Request) => page(String(input))
      const transport = httpTransport({ url: 'http://go.test', fetch })
      await expect(transport.hello({ origin: someOrigin })).rejects.toMatchObject({
        code: 'not_found',
        message: expect.stringContaining('no Rejoin server there'),
      })
    }
  })

  it('goes over to our protocol when the server does', async () => {
    const go = goServer()
    const hub = await hubOf(1)
    let isOurs = false
    const transport = httpTransport({
      url: go.url,
      fetch: (input, init) =>
        isOurs ? hub.handler(new Request(String(input), init)) : go.fetch(input, init),
    })
    expect((await transport.hello({ origin: someOrigin })).node).toMatch(/^go-/)
    isOurs = true
    expect((await transport.hello({ origin: someOrigin })).node).toBe('hub')
    expect(await transport.pull(start, everything)).toMatchObject({ changes: [{ id: 'e0' }] })
  })

  it('says what is the matter when the server can not say what it is', async () => {
    const go = goServer({
      meanwhile: (route) => {
        if (route === '/latest-version') throw new TypeError('fetch failed')
      },
    })
    const hello = reaching(go).hello({ origin: someOrigin })
    await expect(hello).rejects.toMatchObject({ code: 'network', retryable: true })
  })
})

describe('a transport that is told the protocol', () => {
  it('asks for nothing else', async () => {
    const go = goServer()
    await reaching(go, { protocol: 'compat' }).hello({ origin: someOrigin })
    expect(go.requests).toEqual(['/latest-version'])
    const native = reaching(go, { protocol: 'native' }).hello({ origin: someOrigin })
    await expect(native).rejects.toMatchObject({ code: 'not_found' })
    expect(go.requests).toEqual(['/latest-version', '/hello'])
  })

  it('refuses another', () => {
    const protocol = 'grpc' as never
    expect(() => httpTransport({ url: 'http://go.test', protocol })).toThrow(
      'protocol must be "auto" or "native" or "compat", not "grpc"',
    )
    expect(() => httpTransport({ url: 'http://go.test', versions: {} as never })).toThrow(
      /versions\.parse/,
    )
  })

  it('speaks it with a Rejoin server as well', async () => {
    const hub = await hubOf(2)
    const fetch = async (input: string | URL | Request, init?: RequestInit) =>
      hub.handler(new Request(String(input), init))
    const transport = httpTransport({ url: 'http://hub.test', fetch, protocol: 'compat' })
    const laptop = await machine('laptop')
    await write(laptop, 'a', 'a1')
    const { errors } = await syncOnce({ replica: laptop.store, transport })
    expect(errors).toEqual([])
    expect((await hub.log.status()).events).toBe(3n)
    expect((await laptop.store.status()).events).toBe(3n)
  })
})

describe('what a Go server answers', () => {
  it.each([
    ['"0"', 0n],
    ['"-1"', 0n],
    ['""', 0n],
    ['"42"', 42n],
    ['"18446744073709551615"', 18446744073709551615n],
  ])('the latest version may be %s', async (text, position) => {
    const { end } = await answering(() => new Response(text)).hello({ origin: someOrigin })
    expect(end === start ? 0n : BigInt(end.split('.')[1] as string)).toBe(position)
  })

  it('versions that are no numbers are named, with the option that reads them', async () => {
    for (const text of ['"v12"', '"{\\"A\\":1}"', '"18446744073709551616"'])
      await expect(
        answering(() => new Response(text)).hello({ origin: someOrigin }),
      ).rejects.toMatchObject({
        code: 'protocol',
        message: expect.stringMatching(/option versions/),
      })
  })

  it.each([
    [{ error: 'could not load events' }, 'could not load events'],
    [
      { error: { code: 'INVALID_CURSOR', message: 'bad cursor', op: 'httptransport.Pull' } },
      'bad cursor',
    ],
  ])('both forms of errors are read: %j', async (body, words) => {
    const go = answering(() => Response.json(body, { status: 500 }))
    const pull = go.pull(start, everything)
    await expect(pull).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(words),
    })
  })

  it('its middleware’s words are shown, and its bearer token given', async () => {
    const go = goServer({ bearer: 'secret' })
    const refused = reaching(go).hello({ origin: someOrigin })
    await expect(refused).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('missing authorization header'),
    })
    const headers = { authorization: 'Bearer secret' }
    expect((await reaching(go, { headers }).hello({ origin: someOrigin })).node).toMatch(/^go-/)
  })

  it('a page that is none is refused, and stores nothing', async () => {
    for (const text of ['', '<html>', '{', '7', '{"events":7}', '[7]', 'null x'])
      await expect(
        answering((path) => new Response(path.endsWith('pull-cursor') ? text : '"5"'), {
          protocol: 'compat',
        }).pull(start, everything),
      ).rejects.toMatchObject({ code: 'protocol', message: expect.stringContaining('go.test') })
  })

  it('events without versions to go on from are refused as such', async () => {
    const entry = { event: { id: 'a', type: 'T', aggregate_id: 'a' }, version: 'x' }
    const pull = answering(() => Response.json({ events: [entry] })).pull(start, everything)
    await expect(pull).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('such as "x"'),
    })
  })

  it('L3: a full page says that there is more, though the log grew since it was greeted', async () => {
    const go = goServer()
    await go.push(...['g1', 'g2'].map((id) => ({ id, type: 'T', aggregate_id: 'a' })))
    const transport = httpTransport({ url: go.url, fetch: go.fetch })
    await transport.hello({ origin: someOrigin })
    await go.push({ id: 'g3', type: 'T', aggregate_id: 'a' })
    const first = await transport.pull(start, { ...everything, count: 2 })
    expect(first).toMatchObject({ changes: [{ id: 'g1' }, { id: 'g2' }], more: true })
    const { cursor } = first as Extract<typeof first, { kind: 'page' }>
    const second = await transport.pull(cursor, { ...everything, count: 2 })
    expect(second).toMatchObject({ changes: [{ id: 'g3' }], more: false })
  })

  it.each([{ count: 0 }, { count: 1.5 }, { bytes: 0 }])('a pull of %o is refused', async (want) => {
    const go = goServer()
    const transport = httpTransport({ url: go.url, fetch: go.fetch, protocol: 'compat' })
    await expect(transport.pull(start, { ...everything, ...want })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(Object.keys(want)[0] as string),
    })
    expect(go.requests).toEqual([])
  })

  it('a cursor of another log is answered with reset', async () => {
    const go = goServer()
    await go.push({ id: 'g1', type: 'T', aggregate_id: 'a' })
    const transport = reaching(go, { protocol: 'compat' })
    for (const cursor of ['AAAAAAAAAAAAAAAA.1.', 'AAAAAAAAAAAAAAAA.9.', 'nonsense'])
      expect(await transport.pull(cursor as Cursor, everything)).toEqual({ kind: 'reset' })
  })

  it('a redirect that keeps the body is followed', async () => {
    const go = goServer()
    const server = createServer(async (request, response) => {
      const { url = '', method = 'GET', headers } = request
      if (!url.startsWith('/moved')) {
        response.writeHead(method === 'POST' ? 308 : 307, { location: `/moved${url}` }).end()
        request.resume()
        return
      }
      const body = method === 'POST' ? await new Response(request as never).bytes() : null
      const asked = new Request(`http://go.test${url.slice('/moved'.length)}`, {
        method,
        headers: Object.entries(headers) as [string, string][],
        body,
      })
      const answer = await go.handler(asked)
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(await answer.bytes())
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    try {
      const { port } = server.address() as AddressInfo
      const url = `http://127.0.0.1:${port}`
      await using transport = httpTransport({ url, protocol: 'compat', compress: true })
      const laptop = await machine('laptop')
      await write(laptop, 'a', ...Array.from({ length: 20 }, (_, at) => `a${at}`))
      const { errors, pushed } = await syncOnce({ replica: laptop.store, transport })
      expect([errors, pushed]).toEqual([[], 20])
      expect(go.ids).toHaveLength(20)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe('every call', () => {
  const calls = {
    hello: (go: ReturnType<typeof reaching>, signal?: AbortSignal) =>
      go.hello({ origin: someOrigin }, signal),
    pull: (go: ReturnType<typeof reaching>, signal?: AbortSignal) =>
      go.pull(start, everything, signal),
    async push(go: ReturnType<typeof reaching>, signal?: AbortSignal) {
      const laptop = await machine('laptop')
      await write(laptop, 'a', 'a1')
      const page = await laptop.store.changes(start, everything)
      const changes = page.kind === 'page' ? page.changes : []
      return go.push({ origin: someOrigin, changes, cursor: start, expects: start }, signal)
    },
  }

  for (const [name, call] of Object.entries(calls)) {
    it(`${name} ends with the reason of its signal, before and during any request`, async () => {
      const go = goServer()
      await call(reaching(go, { protocol: 'compat' }))
      const count = go.requests.length
      expect(count).toBeGreaterThan(0)
      for (let at = 0; at <= count; at++) {
        const end = new AbortController()
        const fresh = goServer({
          meanwhile: () => {
            if (fresh.requests.length === at) end.abort(new Error('enough'))
          },
        })
        if (at === 0) end.abort(new Error('enough'))
        const ended = call(reaching(fresh, { protocol: 'compat' }), end.signal)
        await expect(ended).rejects.toThrow('enough')
        expect(fresh.requests.length).toBe(at)
      }
    })

    it(`${name} ends with \`closed\` when the transport is closed`, async () => {
      const go = goServer({ meanwhile: () => transport.close() })
      const transport = reaching(go, { protocol: 'compat' })
      await expect(call(transport)).rejects.toMatchObject({ code: 'closed' })
      await expect(call(transport)).rejects.toMatchObject({ code: 'closed' })
    })
  }
})

function reaching(go: GoServerFixture, options: Partial<HttpTransportOptions> = {}) {
  return httpTransport({ url: go.url, fetch: go.fetch, ...options })
}

function answering(
  answer: (path: string) => Response,
  options: Partial<HttpTransportOptions> = {},
) {
  const fetch = async (input: string | URL | Request) => answer(String(input))
  return httpTransport({ url: 'http://go.test', fetch, protocol: 'compat', ...options })
}

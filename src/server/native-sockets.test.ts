import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket as PlainSocket } from 'ws'
import { logOf, someOrigin } from '../transport/fixtures/logs.ts'
import { logHandler } from '../transport/http/index.ts'
import { logSockets, webSocketTransport } from '../transport/websocket/index.ts'
import { encodeMessage } from '../transport/websocket/message.ts'
import { start } from '../version/index.ts'
import { nodeUpgrade, type ServeOptions, serve } from './index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

const hello = { origin: someOrigin }
const ours = ['rejoin.v1']

describe('a token', () => {
  it('comes as a subprotocol, because browsers set no header', async () => {
    const { url } = await served({ tokens: ['s3cr€t'.replace('€', '+/')] })
    const right = transport(url, 's3cr+/t')
    expect((await right.hello(hello)).node).toBe('hub')
    for (const token of ['wrong', undefined])
      await expect(transport(url, token).hello(hello)).rejects.toMatchObject({
        code: 'unauthorized',
        retryable: false,
      })
  })

  it('comes as a header', async () => {
    const { url } = await served({ tokens: ['secret'] })
    const headers = { authorization: 'Bearer secret' }
    const socket = new PlainSocket(`${url}/sync/ws`, ours, { headers })
    await once(socket, 'open')
    expect(socket.protocol).toBe('rejoin.v1')
    socket.terminate()
  })

  it.each([
    ['rejoin.v1', 'bearer', 'secret'],
    ['rejoin.v1', 'rejoin.bearer.c2VjcmV0'],
  ])('comes in either form of a subprotocol: %s, %s', async (...names) => {
    const { url } = await served({ tokens: ['secret'] })
    const socket = new PlainSocket(`${url}/sync/ws`, names)
    await once(socket, 'open')
    expect(socket.protocol).toBe('rejoin.v1')
    socket.terminate()
    const wrong = new PlainSocket(
      `${url}/sync/ws`,
      names.map((name) => name.replace(/secret|c2VjcmV0/, 'wrong')),
    )
    expect(await closeOf(wrong)).toMatchObject({ code: 4401 })
  })

  it('may be asked for at each connection', async () => {
    const { url } = await served({ tokens: ['second'] })
    const tokens = ['first', 'second']
    const changing = kept(webSocketTransport({ url, token: async () => tokens.shift() as string }))
    await expect(changing.hello(hello)).rejects.toMatchObject({ code: 'unauthorized' })
    expect((await changing.hello(hello)).node).toBe('hub')
  })

  it('never stands in an answer to a page that may not know it', async () => {
    const { url } = await served({ tokens: ['secret'] })
    const names = [...ours, `rejoin.bearer.${Buffer.from('secret').toString('base64url')}`]
    const socket = new PlainSocket(`${url}/sync/ws`, names)
    const [{ headers }] = await once(socket, 'upgrade')
    expect(headers['sec-websocket-protocol']).toBe('rejoin.v1')
    socket.terminate()
  })
})

describe('who may connect without a token', () => {
  it.each([
    ['a page from elsewhere', { origin: 'http://evil.test' }],
    ['a name that was pointed here', { host: 'rebound.test' }],
  ])('not %s', async (_, headers) => {
    const { url } = await served()
    expect(await closeOf(new PlainSocket(`${url}/sync/ws`, ours, { headers }))).toMatchObject({
      code: 4403,
      reason: expect.stringContaining('without a token'),
    })
  })

  it('is asked of the application, and a response is taken as its answer', async () => {
    const asked: string[] = []
    const authorize = (request: Request) => {
      const given = request.headers.get('authorization') ?? ''
      asked.push(given)
      if (given === 'Bearer guest') return new Response('guests may not', { status: 403 })
      return given === 'Bearer me'
    }
    const { url } = await served({}, { authorize })
    expect((await transport(url, 'me').hello(hello)).node).toBe('hub')
    await expect(transport(url, 'guest').hello(hello)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('guests may not'),
    })
    await expect(transport(url, 'you').hello(hello)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(asked).toEqual(['Bearer me', 'Bearer guest', 'Bearer you'])
  })
})

describe('an upgrade', () => {
  it.each([
    ['to a path where there is none', '/sync/other', ours, 404],
    ['without our subprotocol', '/sync/ws', ['chat'], 400],
    ['without any', '/sync/ws', [], 400],
  ])('%s is refused with an answer', async (_, path, names, status) => {
    const { url } = await served()
    const socket = new PlainSocket(`${url}${path}`, names)
    socket.on('error', () => {})
    const [, response] = await once(socket, 'unexpected-response')
    expect(response.statusCode).toBe(status)
    const body = Buffer.concat(await response.toArray())
    expect(JSON.parse(String(body))).toEqual({
      error: expect.objectContaining({ retryable: false }),
    })
    socket.terminate()
  })

  it('with another version of our protocol hears which is spoken', async () => {
    const { url } = await served()
    expect(await closeOf(new PlainSocket(`${url}/sync/ws`, ['rejoin.v9']))).toEqual({
      code: 4406,
      reason: 'this server speaks rejoin.v1',
    })
  })

  it('to something else is answered in HTTP', async () => {
    const { port } = await served({ mounts: { '/sync': logHandler(await logOf('hub')) } })
    const headers = { connection: 'upgrade, http2-settings', upgrade: 'h2c' }
    const asked = httpRequest({ host: '127.0.0.1', port, path: '/health', headers }).end()
    const [response] = await once(asked, 'response')
    expect(response.statusCode).toBe(200)
    response.resume()
  })

  it.each([
    ['no host', 'GET /sync/ws HTTP/1.1\r\n'],
    ['a path that is none', 'GET // HTTP/1.1\r\nHost: localhost\r\n'],
    ['no key', 'GET /sync/ws HTTP/1.1\r\nHost: localhost\r\nSec-WebSocket-Protocol: rejoin.v1\r\n'],
    ['a body', 'POST /sync/ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n'],
  ])('X1: with %s is answered and ended', async (_, head) => {
    const { port } = await served()
    const socket = connect(port, '127.0.0.1')
    socket.write(`${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nabc`)
    expect(String(Buffer.concat(await socket.toArray()))).toMatch(/^HTTP\/1\.1 4\d\d /)
  })
})

describe('X1: a message', () => {
  it('larger than the limit ends the connection before it is read', async () => {
    const { url } = await served({}, { limits: { messageBytes: 10_000 } })
    const socket = new PlainSocket(`${url}/sync/ws`, ours)
    await once(socket, 'open')
    socket.send(encodeMessage('open', 0, 'x'.repeat(20_000)))
    expect((await closeOf(socket)).code).toBe(1009)
  })

  it('that no server would take is not sent', async () => {
    const { url } = await served({}, { limits: { messageBytes: 10_000 } })
    const laptop = await logOf('laptop')
    await laptop.append([{ type: 'T', aggregateId: 'a', data: 'x'.repeat(20_000) }])
    const page = await laptop.changes(start, { count: 9, bytes: 1e6 })
    const changes = page.kind === 'page' ? page.changes : []
    const to = transport(url)
    await to.hello(hello)
    const push = to.push({ origin: someOrigin, changes, cursor: start, expects: start })
    await expect(push).rejects.toMatchObject({ code: 'too_large' })
    expect((await to.hello(hello)).node).toBe('hub')
  })
})

describe('a server that closes', () => {
  it('tells subscriptions to come back, and is gone at once', async () => {
    const { url, close } = await served()
    const to = transport(url)
    const pages = to.subscribe?.(start, { count: 1, bytes: 1 }, new AbortController().signal)
    const iterator = pages?.[Symbol.asyncIterator]()
    await iterator?.next()
    const over = expect(iterator?.next()).rejects.toMatchObject({
      code: 'unavailable',
      details: { remoteCode: 'closed', retryAfter: 1000 },
    })
    await Promise.all([over, close()])
    await expect(to.hello(hello)).rejects.toMatchObject({ code: 'network' })
  })

  it('waits no longer than its grace period for one who does not answer', async () => {
    const { port, close } = await served({ grace: 50 })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'GET /sync/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Protocol: rejoin.v1\r\n\r\n',
    )
    await once(socket, 'data')
    const gone = once(socket, 'close')
    await close()
    await gone
  })
})

describe('nodeUpgrade', () => {
  it('serves in a server of your own, to pages of its host and of those it names', async () => {
    const upgrade = nodeUpgrade(logSockets(await logOf('own')), { origins: ['https://app.test'] })
    const server = kept(createServer())
    server.on('upgrade', upgrade).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const url = `ws://127.0.0.1:${port}`
    expect((await transport(url).hello(hello)).node).toBe('own')
    const from = (origin: string) => new PlainSocket(url, ours, { headers: { origin } })
    expect((await closeOf(from('https://evil.test'))).code).toBe(4403)
    for (const origin of ['https://app.test', `http://127.0.0.1:${port}`]) {
      const socket = from(origin)
      await once(socket, 'open')
      socket.close()
    }
    await upgrade.close()
  })

  it('refuses what is no log, and an origin that is none', async () => {
    const sockets = logSockets(await logOf('own'))
    expect(() => nodeUpgrade({} as never)).toThrow('sockets must be what logSockets gives')
    expect(() => nodeUpgrade(sockets, { origins: ['app.test'] })).toThrow('origins must be')
  })
})

async function served(
  options: Partial<ServeOptions> = {},
  sockets: Parameters<typeof logSockets>[1] = {},
) {
  const log = await logOf('hub')
  const mounted = { '/sync/ws': logSockets(log, sockets) }
  const server = kept(await serve({ mounts: {}, port: 0, sockets: mounted, ...options }))
  return { ...server, url: server.url.replace('http', 'ws') }
}

function transport(url: string, token?: string) {
  return kept(webSocketTransport({ url, ...(token !== undefined && { token }) }))
}

async function closeOf(socket: PlainSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(socket, 'close')
  return { code, reason: String(reason) }
}

function kept<T extends AsyncDisposable>(one: T): T {
  opened.push(one)
  return one
}

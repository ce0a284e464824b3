import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import fastJsonPatch from 'fast-json-patch'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket as PlainSocket } from 'ws'
import { property } from '../../test/property.ts'
import { type OooClient, oooClient } from '../state/fixtures/ooo-client.ts'
import { openState, type StateServerOptions, type StateTree, stateServer } from '../state/index.ts'
import { logOf } from '../transport/fixtures/logs.ts'
import { logHandler } from '../transport/http/index.ts'
import { logSockets } from '../transport/websocket/index.ts'
import { nodeHandler, type RunningServer, type ServeOptions, serve, stateUpgrade } from './index.ts'

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

async function served(
  options: Partial<ServeOptions> = {},
  of: StateServerOptions = {},
): Promise<RunningServer & { readonly tree: StateTree }> {
  const tree = await openState()
  const state = stateServer(tree, of)
  const server = await serve({ mounts: {}, port: 0, state, ...options })
  opened.push(
    () => tree.close(),
    () => state.close(),
    () => server.close(),
  )
  return { ...server, tree }
}

/** The messages of a plain WebSocket. */
async function* messages(socket: PlainSocket) {
  for await (const [data, isBinary] of eventsOf(socket)) yield { text: String(data), isBinary }
}

function eventsOf(socket: PlainSocket): AsyncIterable<[Buffer, boolean]> {
  const waiting: [Buffer, boolean][] = []
  let wake = () => {}
  socket.on('message', (data, isBinary) => {
    waiting.push([data as Buffer, isBinary])
    wake()
  })
  return (async function* () {
    for (;;) {
      const next = waiting.shift()
      if (next) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  })()
}

describe('state at /', () => {
  it('speaks to plain fetch and WebSockets, in binary messages', async () => {
    const { url } = await served()
    const socket = new PlainSocket(`${url}/box`)
    opened.push(() => socket.terminate())
    const told = messages(socket)
    const first = (await told.next()).value
    expect(first?.isBinary).toBe(true)
    expect(JSON.parse(first?.text ?? '')).toMatchObject({
      data: { created: 0, updated: 0, index: '', data: {} },
      snapshot: true,
    })
    const posted = await fetch(`${url}/box`, { method: 'POST', body: '{"a":1}' })
    expect(await posted.json()).toEqual({ index: 'box' })
    const second = JSON.parse((await told.next()).value?.text ?? '')
    expect(second.data).toEqual(await (await fetch(`${url}/box`)).json())
    expect((await fetch(`${url}/box`, { method: 'DELETE' })).status).toBe(204)
    expect((await fetch(`${url}/box`)).status).toBe(404)
  })

  it('stands beside logs, health and what the server says about itself', async () => {
    const log = await logOf('hub')
    const { url } = await served({
      mounts: { '/sync': logHandler(log) },
      sockets: { '/sync/ws': logSockets(log) },
    })
    expect((await fetch(`${url}/sync/hello`)).status).toBe(200)
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(`${url}/`)).json()).toMatchObject({ name: 'rejoin' })
    expect(await (await fetch(`${url}/?api=info`)).json()).toMatchObject({ deadline: 1e10 })
    const reserved = await fetch(`${url}/metrics`, { method: 'POST', body: '1' })
    expect([reserved.status, await reserved.text()]).toEqual([
      400,
      expect.stringContaining('reserved'),
    ])
    const socket = new PlainSocket(`${url}/sync/ws`, ['rejoin.v1'])
    await once(socket, 'open')
    socket.terminate()
  })

  it('refuses a WebSocket with the status and words of an answer', async () => {
    const { url } = await served()
    const answerTo = async (path: string, headers = {}) => {
      const socket = new PlainSocket(`${url}${path}`, { headers })
      const [, response] = await once(socket, 'unexpected-response')
      let text = ''
      for await (const chunk of response) text += chunk
      return [response.statusCode, text]
    }
    expect(await answerTo('/sync/x')).toEqual([400, expect.stringContaining('reserved')])
    expect(await answerTo('/_a')).toEqual([400, expect.stringContaining('begin and end')])
    expect(await answerTo('/a', { origin: 'http://evil.test' })).toEqual([
      403,
      expect.stringContaining('elsewhere'),
    ])
  })

  it('takes the token in the form of our own protocol, and never answers it back', async () => {
    const { url } = await served({ tokens: ['a/=b'] })
    const packed = `rejoin.bearer.${Buffer.from('a/=b').toString('base64url')}`
    const socket = new PlainSocket(`${url}/a`, ['rejoin.v1', packed])
    await once(socket, 'open')
    expect(socket.protocol).toBe('rejoin.v1')
    socket.terminate()
    const wrong = new PlainSocket(`${url}/a`, ['rejoin.v1', 'rejoin.bearer.d3Jvbmc'])
    const [, response] = await once(wrong, 'unexpected-response')
    expect(response.statusCode).toBe(401)
    response.resume()
  })

  it('asks for the token, which may stand after bearer', async () => {
    const { url } = await served({ tokens: ['secret'] }, { cors: { origins: '*' } })
    expect((await fetch(`${url}/a`)).status).toBe(401)
    const headers = { authorization: 'Bearer secret' }
    expect((await fetch(`${url}/a`, { headers })).status).toBe(404)
    const asked = { origin: 'http://a.test', 'access-control-request-method': 'POST' }
    expect((await fetch(`${url}/a`, { method: 'OPTIONS', headers: asked })).status).toBe(204)
    const socket = new PlainSocket(`${url}/a`, ['bearer', 'secret'])
    await once(socket, 'open')
    expect(socket.protocol).toBe('bearer')
    socket.terminate()
    const wrong = new PlainSocket(`${url}/a`, ['bearer', 'wrong'])
    const [, response] = await once(wrong, 'unexpected-response')
    expect(response.statusCode).toBe(401)
    response.resume()
  })

  it('can be mounted in a server of your own', async () => {
    const tree = await openState()
    const state = stateServer(tree)
    const server = createServer(nodeHandler(state.handle))
    const upgrade = stateUpgrade(state)
    server.on('upgrade', upgrade)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = new PlainSocket(`ws://127.0.0.1:${port}/a`)
    const told = messages(socket)
    expect((await told.next()).value?.text).toContain('"snapshot":true')
    await fetch(`http://127.0.0.1:${port}/a`, { method: 'POST', body: '7' })
    expect((await told.next()).value?.text).toContain('"data":7')
    const gone = once(socket, 'close')
    await state.close()
    expect((await gone)[0]).toBe(1001)
    await upgrade.close()
    server.close()
    server.closeAllConnections()
    await tree.close()
  })

  it('turns away who comes while it closes, and survives what they say', async () => {
    const [asked, allowed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const tree = await openState()
    const onSubscribe = () => {
      asked.resolve()
      return allowed.promise
    }
    const state = stateServer(tree, { onSubscribe })
    const upgrade = stateUpgrade(state)
    const server = createServer().on('upgrade', upgrade).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => {})
    client.write(
      'GET /a HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await asked.promise
    await upgrade.close()
    allowed.resolve()
    const told: Buffer[] = []
    while (!Buffer.concat(told).includes('shutting down'))
      told.push((await once(client, 'data'))[0])
    // 1001.
    expect(Buffer.concat(told).includes(Buffer.from([0x03, 0xe9]))).toBe(true)
    const gone = once(client, 'close')
    // No frame of any kind.
    client.write(Buffer.alloc(16, 0xff))
    client.resume()
    await gone
    await state.close()
    server.close()
    await tree.close()
  })

  it('ends subscriptions when the server closes', async () => {
    const server = await served()
    const sockets = ['/a', '/'].map((path) => new PlainSocket(`${server.url}${path}`))
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    const gone = sockets.map((socket) => once(socket, 'close'))
    await server.close()
    expect((await Promise.all(gone)).map(([code]) => code)).toEqual([1001, 1001])
  })
})

it('S5: who stops reading is not buffered for, and has all of it when it reads on', async () => {
  const { url, tree } = await served({}, { unsentBytes: 100_000 })
  const socket = new PlainSocket(`${url}/big`)
  opened.push(() => socket.terminate())
  let count = 0
  let value: { data?: unknown } = {}
  const last = new Promise<void>((resolve) =>
    socket.on('message', (message) => {
      const { data, snapshot } = JSON.parse(String(message))
      count++
      value = snapshot ? data : fastJsonPatch.applyPatch(value, data).newDocument
      if ((value as { data: { at: number } }).data.at === 400) resolve()
    }),
  )
  await once(socket, 'open')
  socket.pause()
  for (let at = 0; at <= 400; at++) await tree.set('big', { at, large: `${at}`.repeat(20_000) })
  socket.resume()
  await last
  expect(count).toBeLessThan(300)
  expect(value).toEqual(await (await fetch(`${url}/big`)).json())
})

it('X1: no bytes on a socket bring it down', { timeout: 60_000 }, async () => {
  const { url, port, tree } = await served()
  const handshake =
    'GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
  await property(
    fc.record({
      whole: fc.boolean(),
      header: fc.constantFrom(
        '',
        'Sec-WebSocket-Protocol: ,,bearer,\r\n',
        'Sec-WebSocket-Extensions: x;y=\r\n',
      ),
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
    async ({ whole, header, bytes }) => {
      const socket = connect(port, '127.0.0.1')
      const closed = once(socket, 'close')
      socket.on('error', () => {})
      socket.resume()
      socket.write(`${handshake}${header}${whole ? key : ''}\r\n`)
      socket.end(bytes)
      await closed
    },
    40,
  )
  expect((await tree.keys()).total).toBe(0)
  expect((await fetch(`${url}/a`, { method: 'POST', body: '1' })).status).toBe(200)
  await expect.poll(async () => (await (await fetch(`${url}/?api=state`)).json()).pools).toEqual([])
})

describe('the npm package ooo-client', () => {
  const state = [{ name: 'something 🧰' }, { name: 'still something 💾' }]
  const empty = { created: 0, updated: 0, index: '', data: {} }

  let ooo: (url: string) => OooClient

  beforeAll(async () => {
    ooo = await oooClient()
  })

  it('follows one object, as its readme shows', async () => {
    const { host, port } = await served()
    const client = ooo(`${host}:${port}/box`)
    const told = await toldTo(client, 4, async () => {
      await client.publish('box', state[0])
      await client.publish('box', state[1])
      await client.unpublish('box')
    })
    expect(told).toMatchObject([
      empty,
      { updated: 0, index: 'box', data: state[0] },
      { index: 'box', data: state[1] },
      empty,
    ])
    expect((told[2] as { updated: number }).updated).toBeGreaterThan(0)
  })

  it('follows a list, as its readme shows', async () => {
    const { host, port } = await served()
    const client = ooo(`${host}:${port}/box/*`)
    const told = await toldTo(client, 5, async () => {
      const id = await client.publish('box/*', state[0])
      await client.publish(`box/${id}`, state[1])
      await client.publish('box/custom', { name: 'custom' })
      await client.unpublish('box/*')
    })
    expect(told).toMatchObject([
      [],
      [{ data: state[0], updated: 0 }],
      [{ data: state[1] }],
      [{ index: 'custom' }, { data: state[1] }],
      [],
    ])
  })

  it('follows many changes of a list, and its end', async () => {
    const { host, port } = await served()
    const client = ooo(`${host}:${port}/things/*`)
    const told = await toldTo(client, 22, async () => {
      const ids: string[] = []
      for (let at = 0; at < 10; at++) ids.push(await client.publish('things/*', { name: at }))
      for (const id of ids) await client.publish(`things/${id}`, { name: id })
      await client.unpublish('things/*')
    })
    expect([told[0], told.at(-1)]).toEqual([[], []])
    expect(told.at(-2)).toHaveLength(10)
  })

  it('reads the clock', async () => {
    const { host, port } = await served()
    const client = ooo(`${host}:${port}`)
    const [first, second] = (await toldTo(client, 2)) as number[]
    expect(first).toBeGreaterThan(1.7e18)
    expect(second).toBeGreaterThan(first as number)
  })

  it('comes back with its version, and hears of what it missed', async () => {
    const { host, port, tree } = await served()
    const client = ooo(`${host}:${port}/box`)
    client.reconnectInterval = 10
    const told: unknown[] = []
    await tree.set('box', 1)
    await new Promise<void>((resolve) => {
      client.onclose = () => void tree.set('box', 3)
      client.onmessage = async (value: { data: unknown }) => {
        told.push(value.data)
        if (told.length === 1) await tree.set('box', 2)
        else if (told.length === 2) client.close(true)
        else resolve()
      }
    })
    client.onclose = () => {}
    client.close()
    expect(told).toEqual([1, 2, 3])
  })

  it('lies frozen with its page, and goes on with its version', async () => {
    const { host, port, tree } = await served()
    await tree.set('box', 1)
    const client = ooo(`${host}:${port}/box`)
    const told: unknown[] = []
    const page = (globalThis as unknown as { document: EventTarget }).document
    await new Promise<void>((resolve) => {
      client.onmessage = (value: { data: unknown }) => {
        told.push(value.data)
        if (told.length === 1) page.dispatchEvent(new Event('freeze'))
        else resolve()
      }
      client.onclose = async () => {
        await tree.set('box', 2)
        page.dispatchEvent(new Event('resume'))
      }
    })
    expect(client.ws.url).toMatch(/\?v=[0-9a-f]+$/)
    client.onclose = () => {}
    client.close()
    expect(told).toEqual([1, 2])
  })

  it('gets lists through patterns of several levels', async () => {
    const { host, port, tree } = await served()
    const client = ooo(`${host}:${port}`)
    expect(await client.get('*')).toEqual([])
    await client.publish('box/1/things/1', { name: 'a thing in box 1' })
    await client.publish('box/2/things/0', { name: 'a thing in box 2' })
    expect(await client.get('box/*/things/*')).toMatchObject([
      { path: 'box/2/things/0' },
      { path: 'box/1/things/1' },
    ])
    expect(await client.get('box/2/things/0')).toMatchObject({ index: '0' })
    client.close()
    expect((await tree.keys()).total).toBe(2)
  })

  it('gets an object and what the server says about itself', async () => {
    const { host, port, tree } = await served()
    await tree.set('box', 1)
    const client = ooo(`${host}:${port}/box`)
    await toldTo(client, 1)
    expect(await client.get('box')).toMatchObject({ data: 1 })
    expect(await client.stats()).toMatchObject({ name: 'rejoin' })
  })
})

/** Its messages, so many of them; `work` is done once it is open. */
function toldTo(
  client: OooClient,
  count: number,
  work: () => Promise<void> = async () => {},
): Promise<unknown[]> {
  const told: unknown[] = []
  return new Promise((resolve, reject) => {
    client.onopen = () => work().catch(reject)
    client.onerror = reject
    client.onmessage = (value: unknown) => {
      told.push(structuredClone(value))
      if (told.length < count) return
      client.close()
      resolve(told)
    }
  })
}

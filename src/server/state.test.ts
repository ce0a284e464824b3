import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import fastJsonPatch from 'fast-json-patch'
import { describe, expect, it } from 'vitest'
import { WebSocket as PlainSocket } from 'ws'
import { property } from '../../test/property.ts'
import { openState, stateServer } from '../state/index.ts'
import { logOf } from '../transport/fixtures/logs.ts'
import { logHandler } from '../transport/http/index.ts'
import { logSockets } from '../transport/websocket/index.ts'
import { servedTree } from './fixtures/served.ts'
import { nodeHandler, stateUpgrade } from './index.ts'

describe('state at /', () => {
  it('speaks to plain fetch and WebSockets, in binary messages', async () => {
    await using server = await servedTree()
    const { url } = server
    const socket = new PlainSocket(`${url}/box`)
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
    await using server = await servedTree({
      mounts: { '/sync': logHandler(log) },
      sockets: { '/sync/ws': logSockets(log) },
    })
    const { url } = server
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
    await using server = await servedTree()
    const { url } = server
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
    await using server = await servedTree({ tokens: ['a/=b'] })
    const { url } = server
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
    await using server = await servedTree({ tokens: ['secret'] }, { cors: { origins: '*' } })
    const { url } = server
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
    await using server = await servedTree()
    const sockets = ['/a', '/'].map((path) => new PlainSocket(`${server.url}${path}`))
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    const gone = sockets.map((socket) => once(socket, 'close'))
    await server.close()
    expect((await Promise.all(gone)).map(([code]) => code)).toEqual([1001, 1001])
  })
})

it('S5: who stops reading is not buffered for, and has all of it when it reads on', async () => {
  await using server = await servedTree({}, { unsentBytes: 100_000 })
  const { url, tree } = server
  const socket = new PlainSocket(`${url}/big`)
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
  await using server = await servedTree()
  const { url, port, tree } = server
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

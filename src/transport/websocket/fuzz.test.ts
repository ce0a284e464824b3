import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { serve } from '../../server/index.ts'
import { HandSocket, ours, say } from '../fixtures/hand-socket.ts'
import { form } from '../fixtures/hub.ts'
import { logOf, pushOf } from '../fixtures/logs.ts'
import { pageText } from '../remote/page.ts'
import { encodeMessage } from './message.ts'
import { logSockets } from './server.ts'
import { type Kind, kinds } from './wire.ts'

const log = await logOf('hub', 3)
const sockets = logSockets(log)
const { changes, ...covers } = await pushOf(await logOf('laptop', 3))
const before = await stateOf()

describe('X1: whatever a client says, the server lives, and what is refused changes nothing', () => {
  afterEach(async () => expect(await stateOf()).toEqual(before))

  it('random bytes', async () => {
    await property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (said) => {
      const { socket, connection } = greeted()
      for (const bytes of said) connection.receive(bytes, true)
      await ended(socket, connection)
    })
  })

  it('random bodies of every kind', async () => {
    const kind = fc.constantFrom(...(Object.keys(kinds) as Kind[]).filter((one) => one !== 'hello'))
    const body = fc.oneof(fc.json(), fc.string(), fc.constant('{"end":{}}\n'))
    const message = fc.tuple(kind, fc.nat(70), body)
    await property(fc.array(message, { maxLength: 10 }), async (said) => {
      const { socket, connection } = greeted()
      for (const [name, id, text] of said) say(connection, name, id, text)
      await ended(socket, connection)
    })
  })

  it('calls, credits and cancellations in any order', async () => {
    const wanted = { after: '', count: 2, bytes: 1000 }
    const bodies: Partial<Record<Kind, object>> = {
      pull: wanted,
      fetch: { ids: ['e0', 'nobody'] },
      subscribe: { ...wanted, credit: 500 },
      credit: { bytes: 400 },
      cancel: {},
      ping: {},
    }
    const kind = fc.constantFrom(...(Object.keys(bodies) as Kind[]))
    const message = fc.tuple(kind, fc.nat(3), fc.boolean())
    await property(fc.array(message, { maxLength: 30 }), async (said) => {
      const { socket, connection } = greeted()
      for (const [name, id, waits] of said) {
        say(connection, name, id, bodies[name])
        if (waits) await new Promise((resolve) => setImmediate(resolve))
      }
      await ended(socket, connection)
    })
  })

  it('a push that is cut anywhere', async () => {
    const whole = encodeMessage('push', 0, pageText(form, changes, covers))
    await property(fc.nat(whole.byteLength - 1), async (length) => {
      const { socket, connection } = greeted()
      connection.receive(whole.subarray(0, length), true)
      expect(socket.closed?.code).toBe(4400)
    })
  })
})

describe('X1: over a socket', async () => {
  const server = await serve({ mounts: {}, sockets: { '/sync/ws': sockets }, port: 0 })
  afterAll(() => server.close())

  it('random bytes in place of frames end their connection, and no other', async () => {
    await property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      async (bytes) => {
        const socket = connect(server.port, '127.0.0.1')
        socket.write(upgrade)
        await once(socket, 'data')
        socket.resume()
        socket.end(bytes)
        await once(socket, 'close')
      },
      30,
    )
    expect(await stateOf()).toEqual(before)
  })
})

function greeted() {
  const socket = new HandSocket()
  const connection = sockets.accept(socket)
  say(connection, 'open', 0, ours)
  return { socket, connection }
}

/** Either it was ended with a reason, or it still answers. */
async function ended(
  socket: HandSocket,
  connection: ReturnType<typeof sockets.accept>,
): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  if (socket.closed !== undefined) {
    expect(socket.closed).toEqual({ code: 4400, reason: expect.stringMatching(/./) })
  } else {
    const pongs = socket.texts('pong').length
    say(connection, 'ping', 0)
    expect(socket.texts('pong')).toHaveLength(pongs + 1)
  }
  connection.gone()
}

async function stateOf() {
  const { links, ...rest } = await log.status()
  return { ...rest, links: links.length }
}

const upgrade = [
  'GET /sync/ws HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: rejoin.v1',
  '\r\n',
].join('\r\n')

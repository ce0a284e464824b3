import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { servedState } from '../state/fixtures/served.ts'
import { StateClient } from '../state/fixtures/state-client.ts'
import { serve } from './index.ts'

/** One frame of a WebSocket, sound or not: what its header claims, and what follows. */
const frame = fc.record({
  // Messages, pings, pongs, goodbyes, and what is none of them.
  opcode: fc.oneof(fc.constantFrom(1, 2, 9, 10, 8, 0), fc.nat(15)),
  isFinal: fc.boolean(),
  reserved: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { arbitrary: fc.nat(7), weight: 1 }),
  isMasked: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 130 }),
    fc.string({ unit: 'grapheme' }).map((text) => new TextEncoder().encode(text)),
    fc
      .constantFrom(1000, 1001, 1005, 999, 70_000)
      .map((code) => Buffer.from([code >> 8, code & 255])),
    fc.constantFrom(0, 126, 65_536, 70_000).map((length) => new Uint8Array(length)),
  ),
  /** Instead of what is there. */
  claimed: fc.option(fc.constantFrom(0n, 1n, 126n, 65_537n, 2n ** 32n, 2n ** 63n - 1n), {
    freq: 5,
  }),
})
type Frame = typeof frame extends fc.Arbitrary<infer T> ? T : never

it('X1: whatever frames a subscriber sends, others are told as before and nothing changes', () =>
  property(
    fc.record({
      path: fc.constantFrom('/a', '/a/*', '/', '/a?v=1'),
      frames: fc.array(frame, { maxLength: 12 }),
      cut: fc.nat(100),
    }),
    async ({ path, frames, cut }) => {
      await using served = await servedState()
      await using server = await serve({ mounts: {}, state: served.server, port: 0 })
      const other = await new StateClient().subscribe(served.server, '/a')
      await served.tree.set('a', 1)
      const before = (await served.tree.snapshot('a')).version

      const socket = connect(server.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(handshake(path))
      expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 101 /)
      const gone = once(socket, 'close')
      socket.resume()
      const bytes = Buffer.concat(frames.map(bytesOf))
      const at = Math.floor((bytes.length * cut) / 100)
      socket.write(bytes.subarray(0, at))
      socket.end(bytes.subarray(at))
      await gone

      expect((await served.tree.snapshot('a')).version).toBe(before)
      await served.tree.set('a', 2)
      expect(other.value).toMatchObject({ data: 2 })
      await expect
        .poll(() => served.get('/?api=state'))
        .toEqual({ pools: [{ key: 'a', connections: 1 }], totalConnections: 1 })
      expect(await served.get('/?api=info')).toMatchObject({ clocks: 0 })
    },
    40,
  ))

function handshake(path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  )
}

function bytesOf({ opcode, isFinal, reserved, isMasked, payload, claimed }: Frame): Buffer {
  const length = claimed ?? BigInt(payload.length)
  const mask = isMasked ? 0x80 : 0
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode
  const key = isMasked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0)
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (key[at % 4] ?? 0)))
  return Buffer.concat([Buffer.from([first]), sized(length, mask), key, masked])
}

function sized(length: bigint, mask: number): Buffer {
  if (length < 126n) return Buffer.from([mask | Number(length)])
  const long = length > 0xffffn
  const size = Buffer.alloc(long ? 9 : 3)
  size[0] = mask | (long ? 127 : 126)
  if (long) size.writeBigUInt64BE(length, 1)
  else size.writeUInt16BE(Number(length), 1)
  return size
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { someOrigin } from '../../src/transport/fixtures/logs.ts'
import { httpTransport } from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { gzipBomb } from './gzip-bomb.ts'
import type { Memory } from './memory.ts'

/*
 * X1 and S5 in real processes: what hostile senders cost in memory. `REJOIN_TORTURE=full` runs all of it,
 * otherwise a sample.
 */
const isFull = process.env.REJOIN_TORTURE === 'full'
const gibibytes = isFull ? 10 : 1
const slowBodies = isFull ? 1000 : 100
const allowed = 100 * 2 ** 20
const limit = 120_000

const packedBeginning = Buffer.concat([...gzipBomb(0.001)]).subarray(0, 1000)

let hub: ChildProcess
let port: number
let url: string

// A fresh one each time: what one attack leaves behind must not hide the next.
beforeEach(async () => {
  hub = fork(new URL('./hub-process.ts', import.meta.url))
  const told = await messageFrom<{ url: string }>(hub)
  url = told.url
  port = Number(new URL(url).port)
  // Loaded and warm, so that what is measured is the attack.
  for (let round = 0; round < 50; round++) await pushNothing()
})

afterEach(() => {
  hub.kill()
})

describe('X1: a gzip bomb', () => {
  it(
    `of ${gibibytes} GiB is refused`,
    async () => {
      const growth = await growthDuring(async () => {
        expect(await bombed(gzipBomb(gibibytes), 'chunked')).toMatch(/^HTTP\/1\.1 413 /)
      })
      expect(growth).toBeLessThan(allowed)
    },
    limit,
  )

  it(
    'that announces its size, just below what may travel, is refused',
    async () => {
      const bomb = [...gzipBomb(10)]
      const size = bomb.reduce((sum, piece) => sum + piece.byteLength, 0)
      expect(size).toBeGreaterThan(9.5 * 2 ** 20)
      expect(size).toBeLessThan(10 * 2 ** 20)
      const growth = await growthDuring(async () => {
        expect(await bombed(bomb, size)).toMatch(/^HTTP\/1\.1 413 /)
      })
      expect(growth).toBeLessThan(allowed)
    },
    limit,
  )

  it(
    'costs little more in numbers',
    async () => {
      const growth = await growthDuring(async () => {
        const answers = Array.from({ length: 8 }, () => bombed(gzipBomb(gibibytes), 'chunked'))
        for (const answer of await Promise.all(answers))
          expect(answer).toMatch(/^HTTP\/1\.1 (413|503) /)
      })
      expect(growth).toBeLessThan(1.5 * allowed)
    },
    limit,
  )

  it(
    'costs a client no more',
    async () => {
      const server = createServer((_, response) => {
        const type = 'application/vnd.rejoin.frames'
        response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' })
        for (const piece of gzipBomb(gibibytes)) response.write(piece)
        response.end()
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port: evil } = server.address() as AddressInfo
      const puller = fork(new URL('./puller-process.ts', import.meta.url), [
        `http://127.0.0.1:${evil}`,
      ])
      const told = await messageFrom<{ before: Memory; after: Memory; code: string }>(puller)
      server.close()
      server.closeAllConnections()
      expect(told.code).toBe('too_large')
      report(told.after.peak - told.before.resident)
      expect(told.after.peak - told.before.resident).toBeLessThan(allowed)
    },
    limit,
  )
})

describe('S5: slow bodies', () => {
  it.each(['plain', 'gzip'] as const)(
    `${slowBodies} at one time, %s`,
    async (coding) => {
      const sockets: Socket[] = []
      const growth = await growthDuring(async () => {
        for (let each = 0; each < slowBodies; each++) sockets.push(await slowBody(coding))
        for (let round = 0; round < 10; round++) {
          for (const socket of sockets) socket.write('1\r\n \r\n')
          // Whoever is not slow is served meanwhile.
          await pushNothing()
        }
        expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(0)
      })
      for (const socket of sockets) socket.destroy()
      expect(growth).toBeLessThan(allowed)
    },
    limit,
  )
})

/** The most by which the hub's memory exceeded what it held before; nothing must have been stored. */
async function growthDuring(attack: () => Promise<void>): Promise<number> {
  const before = await memoryOfHub()
  await attack()
  const after = await memoryOfHub()
  expect(after.events).toBe(0)
  await pushNothing()
  const growth = after.peak - before.resident
  report(growth)
  return growth
}

function report(growth: number): void {
  console.log(`${expect.getState().currentTestName}: ${(growth / 2 ** 20).toFixed(0)} MiB`)
}

function memoryOfHub(): Promise<Memory & { events: number }> {
  const told = messageFrom<Memory & { events: number }>(hub)
  hub.send('memory')
  return told
}

function messageFrom<T>(process: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    process.once('message', (message) => resolve(message as T))
    process.once('exit', (code) => reject(new Error(`a process ended (${code}) without a word`)))
  })
}

async function pushNothing(): Promise<void> {
  const push = { origin: someOrigin, changes: [], cursor: start, expects: start }
  expect(await httpTransport({ url }).push(push)).toEqual({ kind: 'applied', receipts: [] })
}

/** Sends a packed body, as far as it is taken; resolves with the answer. */
async function bombed(bomb: Iterable<Buffer>, size: number | 'chunked'): Promise<string> {
  const framing = size === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`
  const socket = await posting(`${framing}\r\nContent-Encoding: gzip`)
  const answer = once(socket, 'data')
  for (const piece of bomb) {
    const framed = size === 'chunked' ? chunkOf(piece) : piece
    if (!socket.write(framed)) await Promise.race([once(socket, 'drain'), answer])
    if (socket.bytesRead > 0) break
  }
  if (size === 'chunked') socket.write('0\r\n\r\n')
  const [text] = await answer
  socket.destroy()
  return String(text)
}

async function slowBody(coding: 'plain' | 'gzip'): Promise<Socket> {
  const packed = coding === 'gzip'
  const socket = await posting(
    `Transfer-Encoding: chunked${packed ? '\r\nContent-Encoding: gzip' : ''}`,
  )
  socket.write(chunkOf(packed ? packedBeginning : Buffer.alloc(1000)))
  return socket
}

async function posting(headers: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  socket.write(
    `POST /sync/events?origin=${someOrigin} HTTP/1.1\r\nHost: localhost\r\n` +
      `Content-Type: application/vnd.rejoin.frames\r\n${headers}\r\n\r\n`,
  )
  return socket
}

function chunkOf(piece: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${piece.byteLength.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ])
}

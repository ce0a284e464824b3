import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../../server/index.ts'
import { MemoryStore } from '../../../store/memory/index.ts'
import { type Exchange, parseTranscript } from '../../fixtures/transcript.ts'
import { logHandler } from '../handler.ts'

const folder = new URL('fixtures/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.http'))
const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

describe('a served hub, asked over a raw socket', () => {
  it('has transcripts to be held against', () => {
    expect(names.length).toBeGreaterThanOrEqual(5)
  })

  it.each(names)('answers as the transcript says: %s', async (name) => {
    const { options, exchanges } = parseTranscript(readFileSync(new URL(name, folder), 'utf8'))
    expect(exchanges.length).toBeGreaterThan(0)
    const socket = connectTo(await served(options))
    for (const exchange of exchanges) {
      const { status, headers, body } = await asked(socket, exchange)
      const what = exchange.request
      expect({ what, status, body }).toEqual({ what, status: exchange.status, body: exchange.body })
      for (const [key, value] of exchange.headers)
        expect(headers.get(key) ?? '(absent)', `${key} of ${what}`).toBe(value)
    }
  })
})

async function served(compat: object): Promise<RunningServer> {
  const log = await MemoryStore.open({ node: 'hub' })
  const server = await serve({ mounts: { '/sync': logHandler(log, { compat }) }, port: 0 })
  open.push(log, server)
  return server
}

function connectTo({ port }: RunningServer): Socket {
  const socket = connect(port, '127.0.0.1')
  open.push({ close: () => socket.destroy() })
  return socket
}

/** Sends a request and reads its answer, which must announce its length. */
async function asked(
  socket: Socket,
  { request, isHead }: Exchange,
): Promise<{ status: string; headers: Headers; body: string }> {
  socket.write(request)
  let bytes = Buffer.alloc(0)
  for (;;) {
    bytes = Buffer.concat([bytes, await chunk(socket)])
    const at = bytes.indexOf('\r\n\r\n')
    if (at < 0) continue
    const [status = '', ...lines] = bytes.toString('utf8', 0, at).split('\r\n')
    const headers = new Headers(lines.map((line) => line.split(': ', 2) as [string, string]))
    const length = isHead ? 0 : Number(headers.get('content-length'))
    const body = bytes.subarray(at + 4)
    if (body.byteLength < length) continue
    expect(body.byteLength).toBe(length)
    return { status, headers, body: body.toString() }
  }
}

function chunk(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (outcome: () => void) => {
      socket.off('data', data).off('error', reject).off('close', closed)
      outcome()
    }
    const data = (bytes: Buffer) => done(() => resolve(bytes))
    const closed = () => done(() => reject(new Error('the connection was closed')))
    socket.once('data', data).once('error', reject).once('close', closed)
  })
}

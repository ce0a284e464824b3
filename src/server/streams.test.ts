import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { MemoryStore } from '../store/memory/index.ts'
import { eventAt, logOf, someOrigin } from '../transport/fixtures/logs.ts'
import { httpTransport, logHandler } from '../transport/http/index.ts'
import { type RunningServer, type ServeOptions, serve } from './index.ts'

const servers: RunningServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('a served stream', () => {
  it('tells each commit, and reads no more often than there are commits', async () => {
    const log = await logOf('hub')
    let reads = 0
    const { changes } = log
    log.changes = (...asked) => {
      reads++
      return changes.apply(log, asked)
    }
    const server = await served(log)
    const stream = await opened(server)
    await stream.has(1)
    for (let at = 0; at < 5; at++) {
      await log.append([eventAt(at)])
      await stream.has(at + 2)
    }
    const ids = [...stream.text().matchAll(/"id":"(e\d)"/g)].map(([, id]) => id)
    expect(ids).toEqual(['e0', 'e1', 'e2', 'e3', 'e4'])
    expect(reads).toBe(6)
  })

  it('ends when the server closes, which does not wait for it', async () => {
    const server = await served(await logOf('hub', 1), { grace: 60_000 })
    const streams = await Promise.all(Array.from({ length: 20 }, () => opened(server)))
    await Promise.all(streams.map((stream) => stream.has(1)))
    const ended = Promise.all(streams.map(({ response }) => once(response, 'end')))
    await server.close()
    await ended
  })

  it('is one of a thousand that take nothing from other requests', async () => {
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    const log = await logOf('hub', 1)
    // What all request bodies may hold would be gone with the first few.
    const server = await served(log, {}, { bufferedBytes: 4_096 })
    const streams = await Promise.all(Array.from({ length: 1_000 }, () => opened(server)))
    await Promise.all(streams.map((stream) => stream.has(1)))
    await using transport = httpTransport({ url: server.url })
    expect(await transport.hello({ origin: someOrigin })).toMatchObject({ node: 'hub' })
    await log.append([eventAt(1)])
    await Promise.all(streams.map((stream) => stream.has(2)))
    process.off('warning', warned)
    expect(warnings).toEqual([])
    for (const { response } of streams) response.destroy()
  })

  it('drops nobody over a page that all of them wait for: it is held once', async () => {
    const log = await logOf('hub')
    const server = await served(log, { answerBytes: 2_000_000 })
    const streams = await Promise.all(Array.from({ length: 30 }, () => opened(server)))
    await Promise.all(streams.map((stream) => stream.has(1)))
    // All of them are slow to begin with: the page is larger than what a socket takes at once.
    for (const { response } of streams) response.pause()
    await log.append([{ ...eventAt(0), data: 'x'.repeat(900_000) }])
    for (const { response } of streams) response.resume()
    await Promise.all(streams.map((stream) => stream.has(2)))
    for (const { response } of streams) response.destroy()
  })

  it('S5: drops a reader who takes nothing for too long, and nobody else', async () => {
    const log = await logOf('hub')
    const server = await served(log, { answerStall: 50 })
    const stuck = connect(server.port, '127.0.0.1')
    await once(stuck, 'connect')
    stuck.write('GET /sync/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n')
    stuck.on('error', () => {})
    await once(stuck, 'data')
    stuck.pause()
    const other = await opened(server)
    const data = 'x'.repeat(900_000)
    // More than the system takes on behalf of a socket.
    for (let at = 0; at < 30; at++) {
      await log.append([{ ...eventAt(at), data }])
      await other.has(at + 2)
    }
    stuck.resume()
    await once(stuck, 'close')
    await log.append([eventAt(30)])
    await other.has(32)
    expect(other.response.destroyed).toBe(false)
  })
})

async function served(
  log: MemoryStore,
  options: Partial<ServeOptions> = {},
  limits = {},
): Promise<RunningServer> {
  const mounts = { '/sync': logHandler(log, { limits }) }
  const server = await serve({ port: 0, mounts, ...options })
  servers.push(server)
  return server
}

interface Opened {
  readonly response: IncomingMessage
  text(): string
  /** Resolves when so many pages have come. */
  has(pages: number): Promise<void>
}

async function opened(server: RunningServer): Promise<Opened> {
  const headers = { accept: 'text/event-stream' }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.url}/sync/events`, { headers, agent: false }, resolve).on('error', reject)
  })
  const texts: string[] = []
  let pages = 0
  response.on('error', () => {})
  response.setEncoding('utf8').on('data', (text: string) => {
    texts.push(text)
    pages += text.split('{"end":').length - 1
    response.emit('page')
  })
  return {
    response,
    text: () => texts.join(''),
    async has(count) {
      while (pages < count) {
        // Whichever does not come first must not go on listening.
        const waiting = new AbortController()
        const { signal } = waiting
        await Promise.race([
          once(response, 'page', { signal }),
          once(response, 'close', { signal }).then(() => gone(pages)),
        ]).finally(() => waiting.abort())
      }
    },
  }
}

function gone(pages: number): never {
  throw new Error(`the stream ended after ${pages} pages`)
}

import { describe, expect } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { framesOf, gunzip } from '../../src/transport/fixtures/hub.ts'
import { logOf, pushOf, someOrigin } from '../../src/transport/fixtures/logs.ts'
import { type Handler, type LogHandlerOptions, logHandler } from '../../src/transport/http/index.ts'
import { type OptionTest, soon, testEachOption } from './each-option.ts'

/** What `make` answers serves this log. */
const log = await logOf('hub', 50)
type Test = OptionTest<LogHandlerOptions, Handler>

const tests = {
  async base(make) {
    const handler = make({ base: '/elsewhere' })
    expect((await handler(get('/elsewhere/hello'))).status).toBe(200)
    expect((await handler(get('/sync/hello'))).status).toBe(404)
  },

  async authorize(make) {
    const handler = make({ authorize: (request) => request.headers.has('authorization') })
    expect((await handler(get('/sync/hello'))).status).toBe(401)
    expect((await handler(get('/sync/hello', { authorization: 'x' }))).status).toBe(200)
  },

  async limits(make) {
    const handler = make({ limits: { bodyBytes: 100 } })
    const batch = await pushOf(await logOf('laptop', 3))
    const body = framesOf(batch.changes)
    const headers = { 'content-type': 'application/vnd.rejoin.frames' }
    const url = `http://hub.test/sync/events?origin=${someOrigin}`
    const answer = await handler(new Request(url, { method: 'POST', body, headers }))
    expect(answer.status).toBe(413)
  },

  async compress(make) {
    const handler = make({ compress: false })
    const answer = await handler(get('/sync/pull?since=0', gzip))
    expect(answer.headers.get('content-encoding')).toBeNull()
  },

  async threshold(make) {
    const answer = await make({ threshold: 1 })(get('/sync/hello', gzip))
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(await gunzip(answer.body))).toMatchObject({ node: 'hub' })
  },

  async compat(make) {
    expect((await make({ compat: false })(get('/sync/pull'))).status).toBe(404)
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void told.push(message) }
    const handler = make({
      logger,
      authorize: () => {
        throw new TypeError('a bug')
      },
    })
    expect((await handler(get('/sync/hello'))).status).toBe(500)
    expect(told).toEqual(['a request failed'])
  },

  async heartbeat(make) {
    const runtime = handDriven()
    const stream = { accept: 'text/event-stream' }
    const { body } = await make({ heartbeat: 50, runtime })(get('/sync/events', stream))
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const sign = reader.read()
    runtime.pass(50)
    expect(new TextDecoder().decode((await soon(sign)).value)).toBe(':\n\n')
    await reader.cancel()
  },

  async runtime(make) {
    const handler = make({ runtime: { ...systemRuntime, now: () => 42 } })
    expect(await (await handler(get('/sync/hello'))).json()).toMatchObject({ time: 42 })
  },
} satisfies Record<keyof LogHandlerOptions, Test>

describe('an option of the handler', () => {
  testEachOption<LogHandlerOptions, Handler>(tests, {
    section: '`logHandler`',
    make: (options) => logHandler(log, options),
  })
})

const gzip = { 'accept-encoding': 'gzip' }

function get(path: string, headers: HeadersInit = {}): Request {
  return new Request(`http://hub.test${path}`, { headers })
}

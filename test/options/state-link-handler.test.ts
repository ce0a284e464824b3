import { describe, expect } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import { stateKind } from '../../src/testing/acceptance/transport/state-kind.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { gunzip } from '../../src/transport/fixtures/hub.ts'
import {
  type Handler,
  type StateLinkHandlerOptions,
  stateLinkHandler,
} from '../../src/transport/http/index.ts'
import { type OptionTest, soon, testEachOption } from './each-option.ts'

/** What `make` answers serves this storage. */
const storage = await stateKind.open(testRuntime())
type Test = OptionTest<StateLinkHandlerOptions, Handler>

const tests = {
  async name(make) {
    const handler = make({ name: 'things' })
    expect((await handler(get('/_rejoin/state/things/hello'))).status).toBe(200)
    expect((await handler(get(hello))).status).toBe(404)
  },

  async base(make) {
    const handler = make({ base: '/elsewhere' })
    expect((await handler(get('/elsewhere/hello'))).status).toBe(200)
    expect((await handler(get(hello))).status).toBe(404)
  },

  async authorize(make) {
    const handler = make({ authorize: (request) => request.headers.has('authorization') })
    expect((await handler(get(hello))).status).toBe(401)
    expect((await handler(get(hello, { authorization: 'x' }))).status).toBe(200)
  },

  async limits(make) {
    const handler = make({ limits: { bodyBytes: 20 } })
    const body = '{"ids":["a/1","a/2","a/3"]}'
    const headers = { 'content-type': 'application/json' }
    const url = 'http://hub.test/_rejoin/state/main/changes/fetch'
    expect((await handler(new Request(url, { method: 'POST', body, headers }))).status).toBe(413)
  },

  async compress(make) {
    const answer = await make({ compress: false, threshold: 1 })(get(hello, gzip))
    expect(answer.headers.get('content-encoding')).toBeNull()
  },

  async threshold(make) {
    const answer = await make({ threshold: 1 })(get(hello, gzip))
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(JSON.parse(await gunzip(answer.body))).toMatchObject({ node: 'hub' })
  },

  async heartbeat(make) {
    const runtime = handDriven()
    const stream = { accept: 'text/event-stream' }
    const path = '/_rejoin/state/main/changes'
    const { body } = await make({ heartbeat: 50, runtime })(get(path, stream))
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const sign = reader.read()
    runtime.pass(50)
    expect(new TextDecoder().decode((await soon(sign)).value)).toBe(':\n\n')
    await reader.cancel()
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
    expect((await handler(get(hello))).status).toBe(500)
    expect(told).toEqual(['a request failed'])
  },

  async runtime(make) {
    const handler = make({ runtime: { ...systemRuntime, now: () => 42 } })
    expect(await (await handler(get(hello))).json()).toMatchObject({ time: 42 })
  },
} satisfies Record<keyof StateLinkHandlerOptions, Test>

describe('an option of a handler for links of state', () =>
  testEachOption<StateLinkHandlerOptions, Handler>(tests, {
    section: '`stateLinkHandler`',
    make: (options) => stateLinkHandler(storage, options),
  }))

const hello = '/_rejoin/state/main/hello'
const gzip = { 'accept-encoding': 'gzip' }

function get(path: string, headers: HeadersInit = {}): Request {
  return new Request(`http://hub.test${path}`, { headers })
}

import { describe, expect } from 'vitest'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import { stateKind } from '../../src/testing/acceptance/transport/state-kind.ts'
import {
  type Handler,
  type StateLinkHandlerOptions,
  stateLinkHandler,
} from '../../src/transport/http/index.ts'
import { type OptionTest, testEachOption } from './each-option.ts'
import { get, gzip, servingTests } from './handlers.ts'

/** What `make` answers serves this storage. */
const storage = await stateKind.open(testRuntime())
type Test = OptionTest<StateLinkHandlerOptions, Handler>

const hello = '/_rejoin/state/main/hello'

const tests = {
  ...servingTests({ base: '/_rejoin/state/main', changes: 'changes' }),

  async name(make) {
    const handler = make({ name: 'things' })
    expect((await handler(get('/_rejoin/state/things/hello'))).status).toBe(200)
    expect((await handler(get(hello))).status).toBe(404)
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
} satisfies Record<keyof StateLinkHandlerOptions, Test>

describe('an option of a handler for links of state', () =>
  testEachOption<StateLinkHandlerOptions, Handler>(tests, {
    section: '`stateLinkHandler`',
    make: (options) => stateLinkHandler(storage, options),
  }))

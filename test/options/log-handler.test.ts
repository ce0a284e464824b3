import { describe, expect } from 'vitest'
import { framesOf } from '../../src/transport/fixtures/hub.ts'
import { logOf, pushOf, someOrigin } from '../../src/transport/fixtures/logs.ts'
import { type Handler, type LogHandlerOptions, logHandler } from '../../src/transport/http/index.ts'
import { type OptionTest, testEachOption } from './each-option.ts'
import { get, gzip, servingTests } from './handlers.ts'

/** What `make` answers serves this log. */
const log = await logOf('hub', 50)
type Test = OptionTest<LogHandlerOptions, Handler>

const tests = {
  ...servingTests({ base: '/sync', changes: 'events' }),

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

  async compat(make) {
    expect((await make({ compat: false })(get('/sync/pull'))).status).toBe(404)
  },
} satisfies Record<keyof LogHandlerOptions, Test>

describe('an option of the handler', () => {
  testEachOption<LogHandlerOptions, Handler>(tests, {
    section: '`logHandler`',
    make: (options) => logHandler(log, options),
  })
})

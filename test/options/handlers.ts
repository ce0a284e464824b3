import { expect } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { gunzip } from '../../src/transport/fixtures/hub.ts'
import type { Handler, LogHandlerOptions } from '../../src/transport/http/index.ts'
import { type OptionTest, soon } from './each-option.ts'

/** Of a handler, whatever it serves. */
export type ServingOptions = Omit<LogHandlerOptions, 'limits' | 'compat' | 'compress'>

/** A test for each of these options, of a handler with its changes at this path; hello is beside them. */
export function servingTests({ base, changes }: Readonly<Record<'base' | 'changes', string>>) {
  const hello = `${base}/hello`
  return {
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

    async threshold(make) {
      const answer = await make({ threshold: 1 })(get(hello, gzip))
      expect(answer.headers.get('content-encoding')).toBe('gzip')
      expect(JSON.parse(await gunzip(answer.body))).toMatchObject({ node: 'hub' })
    },

    async heartbeat(make) {
      const runtime = handDriven()
      const stream = { accept: 'text/event-stream' }
      const { body } = await make({ heartbeat: 50, runtime })(get(`${base}/${changes}`, stream))
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
  } satisfies Record<keyof ServingOptions, OptionTest<ServingOptions, Handler>>
}

export const gzip = { 'accept-encoding': 'gzip' }

export function get(path: string, headers: HeadersInit = {}): Request {
  return new Request(`http://hub.test${path}`, { headers })
}

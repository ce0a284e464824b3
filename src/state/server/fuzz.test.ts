import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { property } from '../../../test/property.ts'
import { servedState } from '../fixtures/served.ts'
import { StateClient } from '../fixtures/state-client.ts'
import { defineMethod, type StateServerOptions } from '../index.ts'

const awkward = [
  '__proto__',
  'constructor',
  'a/__proto__/b',
  '_pivot',
  'sync',
  'metrics/a',
  'a//b',
  'a/*',
  '*',
  '**',
]
const oddText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 10 }),
  fc.constantFrom(
    '-1',
    '0',
    '1e9',
    '99999999999999999999',
    '**',
    'a/*',
    '__proto__',
    'constructor',
  ),
)
const path = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map(encodeURI8),
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    ...awkward,
    '%',
    '%2f',
    '%00',
    'a%2Fb',
    '..',
    'a/../b',
    '?api=keys',
    '?api=',
    '?v=1',
  ),
  fc
    .tuple(
      fc.constantFrom('info', 'keys', 'filters', 'orphan-keys', 'state', 'endpoints', 'proxies'),
      fc.dictionary(fc.constantFrom('page', 'limit', 'filter', 'v'), oddText),
    )
    .map(([api, query]) => `?${new URLSearchParams({ ...query, api })}`),
  oddText.map((api) => `?${new URLSearchParams({ api })}`),
  oddText.map((id) => `things/${encodeURIComponent(id)}`),
  fc.constantFrom('far/a', 'far/*', 'far/a/b', 'things/1/2', 'things/'),
  fc
    .array(fc.constantFrom('a', 'b', '*', '_', '.', '-', 'constructor'), { maxLength: 4 })
    .map((all) => all.join('/')),
)
const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PATCH',
  'DELETE',
  'PUT',
  'OPTIONS',
  'PROPFIND',
)
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map(bytes),
  fc.string().map(bytes),
  fc
    .constantFrom('', '{', '[[[[', '"\\ud800"', '1e999999', '-0', '{"a":1,"a":2}', '\u0000')
    .map(bytes),
  fc
    .array(
      fc.record({
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
        path: fc.constantFrom('', '/', '/a', '/__proto__/x', '/a/-', '/~2'),
        from: fc.constantFrom('', '/a'),
        value: fc.jsonValue(),
      }),
    )
    .map((patch) => bytes(JSON.stringify(patch))),
)
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'content-encoding',
    'origin',
    'accept-encoding',
    'content-length',
    'x',
  ),
  fc.oneof(
    fc.constantFrom(
      'gzip',
      'br',
      '*',
      'application/json-patch+json',
      'application/merge-patch+json',
    ),
    fc.constantFrom('null', 'http://localhost', '99999999999', '-1', ';;;', 'text/html'),
  ),
)
const call = fc.record({ method, path, body, headers })

/** Routes of every kind. Nobody listens on the port of discard. */
const routes: StateServerOptions = {
  bodyBytes: 10_000,
  filters: {
    a: { open: true },
    'users/*': { write: ({ data }) => ({ data }), readObject: (object) => object },
    'b/*': { limit: { count: 1 }, readList: (all) => all.toReversed() },
  },
  endpoints: {
    '/things/{id}': {
      methods: {
        GET: defineMethod({ handle: ({ params }) => params }),
        POST: defineMethod({ body: z.object({ a: z.string() }), handle: ({ body }) => body }),
      },
    },
  },
  proxies: { 'far/*': { url: 'http://127.0.0.1:9' } },
}

it('X1: whatever is asked is answered, and a 4xx has changed nothing', () =>
  property(
    fc.array(call, { maxLength: 30 }),
    async (calls) => {
      await using served = await servedState(routes)
      const { tree, server } = served
      await tree.set('a/b', { some: ['data'] })
      for (const { method, path, body, headers } of calls) {
        const url = URL.parse(`http://localhost/${path}`)
        if (url === null) continue
        const { version } = await tree.snapshot('a')
        const request = new Request(url, {
          method,
          headers,
          ...(method !== 'GET' && method !== 'HEAD' && { body: body as BodyInit }),
        })
        const { status } = await server.handle(request)
        if (!/^\/far\/[^/]+$/.test(url.pathname)) expect(status).toBeLessThan(500)
        if (status >= 400) expect((await tree.snapshot('a')).version).toBe(version)
      }
      expect(Object.keys(Object.prototype)).toEqual([])
    },
    150,
  ))

it('X1: whoever asks for a subscription gets it, or a 4xx', () =>
  property(
    fc.array(fc.tuple(path, headers), { maxLength: 20 }),
    async (all) => {
      await using served = await servedState()
      await served.tree.set('a/b', 1)
      for (const [path, headers] of all) {
        const url = URL.parse(`http://localhost/${path}`)
        if (url === null) continue
        const answer = await served.server.admit(new Request(url, { headers }))
        if (answer instanceof Response) expect(answer.status).toBeLessThan(500)
        else if (path.length % 2 === 0) answer.abandon()
        else {
          const client = new StateClient()
          client.onValue = () => {}
          answer.accept(url.pathname === '/' ? quiet : client).gone()
        }
      }
      expect(await served.get('/?api=state')).toEqual({ pools: [], totalConnections: 0 })
    },
    100,
  ))

const quiet = { bufferedAmount: 0, send() {}, ping() {}, close() {}, terminate() {} }

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function encodeURI8(text: string): string {
  return [...bytes(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}

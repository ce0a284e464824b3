import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { sharedTree } from './fixtures/shared-tree.ts'

const number = fc.oneof(
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.constantFrom('0', '1', '-0', '01', '1e18', '1.0', '9223372036854775807', 'null', '"1"', ''),
)
const segment = fc.constantFrom(
  ...['users', 'settings', 'a', '*', '**', '', '..', '%2e%2e', '%00', '%2f', '%', '__proto__'],
  ...['constructor', 'a-b', '_x', 'é', 'version', 'pivot', 'things'],
)
const path = fc
  .tuple(
    fc.constantFrom('pivot', 'activity', 'synchronize', 'health', 'version', '', 'x'),
    fc.array(fc.oneof(segment, number), { maxLength: 5 }),
  )
  .map(([first, rest]) => [first, ...rest].join('/'))
const object = fc
  .record({
    created: number,
    updated: number,
    index: fc.oneof(
      segment.map((text) => JSON.stringify(text)),
      number,
    ),
    data: fc.oneof(fc.json(), fc.constantFrom('', '{', '{"__proto__":1}', '1e999', '"\\ud800"')),
  })
  .map(
    ({ created, updated, index, data }) =>
      `{"created":${created},"updated":${updated},"index":${index},"data":${data}}`,
  )
const body = fc.oneof(object, fc.json(), fc.string(), fc.uint8Array({ maxLength: 300 }))
const headers = fc.dictionary(
  fc.constantFrom('content-type', 'content-encoding', 'content-length', 'x-pivot-originator'),
  fc.constantFrom('gzip', 'br', '99999999999', '-1', '', 'x'.repeat(500), '10.0.0.1:80', ';;;'),
)
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS')
const call = fc.record({ method, path, body, headers })

it('X1: whatever a peer asks is answered, and a 4xx has changed nothing', () =>
  property(
    fc.array(call, { maxLength: 30 }),
    async (calls) => {
      const isNode = (address: string) => address === '10.0.0.1:80'
      const limits = { bodyBytes: 200 }
      await using shared = await sharedTree(['users/*', 'settings'], { isNode, limits })
      const { tree, routes } = shared
      const storage = tree.replica()
      await tree.set('users/a', { some: ['data'] })
      for (const { method, path, body, headers } of calls) {
        const url = URL.parse(`http://localhost/_pivot/${path}`)
        if (url === null || !url.pathname.startsWith('/_pivot/')) continue
        const { end } = await storage.status()
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const init = { method, headers, ...(hasBody && { body: body as BodyInit }) }
        const { status } = await routes.handle(new Request(url, init))
        expect(status).toBeLessThan(500)
        if (status >= 400) expect((await storage.status()).end).toBe(end)
      }
      expect(Object.keys(Object.prototype)).toEqual([])
    },
    150,
  ))

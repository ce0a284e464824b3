import fc from 'fast-check'
import { expect, it } from 'vitest'
import { systemRuntime } from '../runtime/index.ts'
import { contentHash } from './content-hash.ts'
import { jsonLines, metadataLines, names } from './fixtures/events.ts'

const base = { type: 'OrderPaid', aggregateId: 'order-1', schemaVersion: 1, metadataText: '' }

it.each([
  [
    // printf 'rejoin-event-1\norder-1-paid\nOrderPaid\norder-1\n1\n\nnull' | sha256sum
    { ...base, id: 'order-1-paid', dataText: 'null' },
    '25e81aebe8e25cfadcdfcac0a5625a216c06f8d43eac3cebcd59356f7c0da63f',
  ],
  [
    // printf 'rejoin-event-1\n0199abcd-ef01-7abc-8def-0123456789ab\nPaid\norder-1\n3\n{"user":"u1"}\n{"amount":12.50}' | sha256sum
    {
      id: '0199abcd-ef01-7abc-8def-0123456789ab',
      type: 'Paid',
      aggregateId: 'order-1',
      schemaVersion: 3,
      metadataText: '{"user":"u1"}',
      dataText: '{"amount":12.50}',
    },
    '4678957c8c344ee270ea1de32b82bd557b7eb604459f075da73f12ebc382228f',
  ],
  [
    // printf 'rejoin-event-1\nпривет\n出荷\n😀\n2147483647\n{"é":1}\n"\xe2\x80\xa8"' | sha256sum
    {
      id: 'привет',
      type: '出荷',
      aggregateId: '😀',
      schemaVersion: 2147483647,
      metadataText: '{"é":1}',
      dataText: '"\u2028"',
    },
    'b69901e931fbaa2763ccaa49679e5a88785db364e3b3951ded1ae72fb6bd90cb',
  ],
])('is SHA-256 of seven lines, the same in every release: %j', (content, hex) => {
  expect(contentHash(content, systemRuntime)).toBe(Buffer.from(hex, 'hex').toString('base64url'))
})

it('is equal for two contents exactly when every part is', () => {
  const few = fc.constantFrom('a', 'b', '1')
  const content = fc.record({
    id: fc.oneof(few, names()),
    type: fc.oneof(few, names()),
    aggregateId: fc.oneof(few, names()),
    schemaVersion: fc.integer({ min: 1, max: 3 }),
    metadataText: metadataLines(),
    dataText: fc.oneof(few, jsonLines()),
  })
  const parts = fc.constantFrom(
    'id',
    'type',
    'aggregateId',
    'schemaVersion',
    'metadataText',
    'dataText',
  )
  fc.assert(
    fc.property(content, content, fc.uniqueArray(parts), (one, other, taken) => {
      const mixed = { ...one, ...Object.fromEntries(taken.map((part) => [part, other[part]])) }
      const same = JSON.stringify(mixed) === JSON.stringify(one)
      expect(contentHash(mixed, systemRuntime) === contentHash(one, systemRuntime)).toBe(same)
    }),
  )
})

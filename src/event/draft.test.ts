import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRuntime, uuidv7 } from '../runtime/index.ts'
import { contentHash } from './content-hash.ts'
import { draftOf, type NewEvent } from './draft.ts'
import { jsonLines, names } from './fixtures/events.ts'
import { defaultEventLimits, type EventLimits } from './limits.ts'

const base = { id: 'e1', type: 'OrderPaid', aggregateId: 'order-1' }

describe('a draft', () => {
  it('is the event with everything filled in, hashed', () => {
    const draft = drafted({
      ...base,
      data: { amount: 12.5 },
      metadata: { user: 'u1' },
      schemaVersion: 3,
    })
    const content = {
      ...base,
      schemaVersion: 3,
      metadataText: '{"user":"u1"}',
      dataText: '{"amount":12.5}',
    }
    expect(draft).toEqual({ ...content, givenId: true, hash: contentHash(content, systemRuntime) })
  })

  it('has schema version 1, null data and no metadata unless told otherwise', () => {
    const plain = { schemaVersion: 1, dataText: 'null', metadataText: '' }
    expect(drafted(base)).toMatchObject(plain)
    expect(drafted({ ...base, data: null, metadata: {} })).toMatchObject(plain)
    expect(drafted({ ...base, metadata: { gone: undefined } })).toMatchObject(plain)
  })

  it('gets a fresh id when none is given, and says so', () => {
    const { id: _, ...rest } = base
    const draft = draftOf(rest, 0, defaultEventLimits, systemRuntime, () => 'fresh')
    expect(draft).toMatchObject({ id: 'fresh', givenId: false })
    expect(drafted(base).givenId).toBe(true)
  })

  it('has one hash for one content, however its text was spaced', () => {
    const spaced = drafted({ ...base, dataText: ' {\n"a" : [1, 2.50]\r\n}\t' })
    expect(spaced.dataText).toBe('{"a":[1,2.50]}')
    expect(spaced.hash).toBe(drafted({ ...base, dataText: '{"a":[1,2.50]}' }).hash)
  })

  it('keeps exact text exact: digits, escapes, repeated keys', () => {
    const dataText = '{"n":12345678901234567890.10,"n":-0,"s":"\\u0041\\/\\ud800"}'
    expect(drafted({ ...base, dataText }).dataText).toBe(dataText)
  })

  it('is always one line of JSON, whatever valid event comes in', () => {
    const event = fc.record({
      id: names(),
      type: names(),
      aggregateId: names(),
      dataText: jsonLines(),
    })
    fc.assert(
      fc.property(event, fc.jsonValue(), (any, data) => {
        const { dataText, ...rest } = any
        for (const draft of [drafted(any), drafted({ ...rest, data })]) {
          expect(draft.dataText).not.toContain('\n')
          expect(() => JSON.parse(draft.dataText)).not.toThrow()
        }
      }),
    )
  })
})

describe('a bad event is refused by index and field:', () => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown

  const bad: readonly (readonly [field: string, problem: string, event: unknown])[] = [
    ['event', 'must be an object', null],
    ['event', 'must be an object', 'text'],
    ['id', 'must be a string', { ...base, id: 7 }],
    ['id', 'must be a string', { ...base, id: null }],
    ['id', 'must not be empty', { ...base, id: '' }],
    ['id', 'must not contain control characters', { ...base, id: 'a\nb' }],
    ['type', 'must be a string', { id: 'e1', aggregateId: 'order-1' }],
    ['type', 'has a lone surrogate, which no UTF-8 can carry', { ...base, type: '\ud800' }],
    ['aggregateId', 'must be a string', { id: 'e1', type: 'OrderPaid' }],
    [
      'aggregateId',
      'has 256 bytes, at most 255 are allowed',
      { ...base, aggregateId: 'é'.repeat(128) },
    ],
    ...[0, -1, 1.5, 2 ** 31, Number.NaN, '1', null].map(
      (schemaVersion) =>
        [
          'schemaVersion',
          'must be a whole number from 1 to 2147483647',
          { ...base, schemaVersion },
        ] as const,
    ),
    ['data', 'and dataText exclude each other', { ...base, data: 1, dataText: '1' }],
    ['data', 'has no JSON form', { ...base, data: () => 1 }],
    ['data', "can't be written as JSON", { ...base, data: { big: 1n } }],
    ['data', "can't be written as JSON", { ...base, data: circular }],
    ['data', 'is not JSON of at most 128 levels, at character 128', { ...base, data: deep(129) }],
    ['dataText', 'must be a string', { ...base, dataText: 7 }],
    ['dataText', 'is not JSON of at most 128 levels, at character 0', { ...base, dataText: '' }],
    [
      'dataText',
      'is not JSON of at most 128 levels, at character 5',
      { ...base, dataText: '{"a":}' },
    ],
    [
      'dataText',
      'has a lone surrogate, which no UTF-8 can carry',
      { ...base, dataText: '"\udc00"' },
    ],
    [
      'dataText',
      'is not JSON of at most 128 levels, at character 128',
      { ...base, dataText: '['.repeat(500) },
    ],
    ...['text', 7, ['a'], new Date(0)].map(
      (metadata) => ['metadata', 'must be an object', { ...base, metadata }] as const,
    ),
    ['metadata', "can't be written as JSON", { ...base, metadata: circular }],
    ['metadata', 'is not JSON of at most 128 levels', { ...base, metadata: { deep: deep(128) } }],
  ]

  it.each(bad)('%s %s', (field, problem, event) => {
    const problems = expect.objectContaining({
      code: 'invalid_event',
      operation: 'append',
      message: expect.stringContaining(`event 5: ${field} ${problem}`),
      details: { index: 5, field },
    })
    expect(() => drafted(event as NewEvent, 5)).toThrow(problems)
  })

  it('keeps what was thrown on the way as the cause', () => {
    const cause = new Error('no form')
    const data = {
      toJSON() {
        throw cause
      },
    }
    expect(() => drafted({ ...base, data })).toThrow(expect.objectContaining({ cause }))
  })
})

describe('the limits', () => {
  const limits: EventLimits = { eventBytes: 20, idBytes: 8, jsonDepth: 2 }

  it('count the bytes of payload and metadata together', () => {
    // 4 and 16 bytes; 4 and 17.
    expect(
      drafted({ ...base, type: 'T', data: 'ab', metadata: { aa: '1234567' } }, 0, limits),
    ).toBeDefined()
    for (const data of ['abc', 'aé'])
      expect(() =>
        drafted({ ...base, type: 'T', data, metadata: { aa: '1234567' } }, 0, limits),
      ).toThrow('event 0: data and metadata are larger than 20 bytes')
  })

  it('count a given text without the white space that is taken out', () => {
    expect(
      drafted({ ...base, type: 'T', dataText: `[${' '.repeat(50)}]` }, 0, limits).dataText,
    ).toBe('[]')
  })

  it('hold for names and depth too', () => {
    expect(
      drafted({ id: '12345678', type: 'é', aggregateId: 'éééé', data: [[]] }, 0, limits),
    ).toBeDefined()
    expect(() => drafted({ ...base, id: '123456789' }, 0, limits)).toThrow('at most 8 are allowed')
    expect(() => drafted({ ...base, type: 'T', data: [[[]]] }, 0, limits)).toThrow(
      'at most 2 levels',
    )
  })

  it('let a payload of 1 MiB through by default, not one byte more', () => {
    const text = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`
    expect(drafted({ ...base, dataText: text(1024 * 1024) })).toBeDefined()
    expect(() => drafted({ ...base, dataText: text(1024 * 1024 + 1) })).toThrow('1048576 bytes')
  })
})

function drafted(event: NewEvent, index = 0, limits = defaultEventLimits) {
  return draftOf(event, index, limits, systemRuntime, uuidv7(systemRuntime))
}

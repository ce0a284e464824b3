import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import type { EventId } from '../ids.ts'
import { LogEvent, type LogEventInit } from '../log-event.ts'
import type { Condition, EventFilter, FilterFields, Scalar } from './event-filter.ts'
import { filterFrom, filterOf, stubOf } from './filter.ts'

const where = { operation: 'test', component: 'event' }
const filter = (given: unknown) => filterOf(given as EventFilter, systemRuntime, where)

describe('a filter', () => {
  it('by types keeps the content of other types back, and nothing of an event that is a stub', () => {
    const { withhold } = filter({ types: ['kept', 'also'] })
    const [kept, other] = [eventWith({ type: 'kept' }), eventWith({ type: 'other' })]
    expect(withhold(kept)).toBe(kept)
    const stub = withhold(other)
    expect(stub).toEqual(stubOf(other))
    expect([stub.stub, stub.type, stub.metadataText, stub.dataText]).toEqual([
      'withheld',
      '',
      '',
      '',
    ])
    expect([stub.id, stub.hash, stub.parents]).toEqual([other.id, other.hash, other.parents])
    expect(withhold(stub)).toBe(stub)
  })

  it('by aggregates knows ids and beginnings', () => {
    const { aggregate } = filter({ aggregates: ['door', 'order-*'] })
    const chosen = ['door', 'doors', 'order-', 'order-1', 'order', 'a*'].filter((id) =>
      aggregate?.(id),
    )
    expect(chosen).toEqual(['door', 'order-', 'order-1'])
  })

  it.each<[string, string, Condition | Scalar, boolean]>([
    ['{"p":5}', 'p', 5, true],
    ['{"p":5.0}', 'p', 5n, true],
    ['{"p":"5"}', 'p', 5, false],
    ['{"p":5}', 'p', '5', false],
    ['{"p":null}', 'p', null, true],
    ['{}', 'p', null, false],
    ['{"p":5}', 'p', { gte: 5 }, true],
    ['{"p":4.9}', 'p', { gte: 5 }, false],
    ['{"p":"9"}', 'p', { gte: 5 }, false],
    ['{"p":6}', 'p', { gt: '5' }, false],
    ['{"p":"b"}', 'p', { gt: 'a', lt: 'c' }, true],
    ['{"p":10}', 'p', { gt: 5, lte: 9 }, false],
    ['{"p":true}', 'p', { gt: 0 }, false],
    ['{"p":[5]}', 'p', 5, false],
    ['{"p":5}', 'p', { in: [1, 5] }, true],
    ['{"p":"5"}', 'p', { in: [1, 5] }, false],
    ['{}', 'p', { not: 5 }, true],
    ['{"p":6}', 'p', { not: 5 }, true],
    ['{"p":5}', 'p', { not: 5 }, false],
    ['{}', 'p', { exists: false }, true],
    ['{"p":null}', 'p', { exists: true }, true],
    ['{}', 'toString', { exists: true }, false],
    ['{"p":9007199254740993}', 'p', 9007199254740993n, true],
    ['{"p":9007199254740993}', 'p', 9007199254740992n, false],
    ['{"p":9007199254740993}', 'p', { gt: 9007199254740992n }, true],
    ['', 'p', { lt: 5 }, false],
  ])('on metadata %s: %s must be %o is %s', (metadata, key, condition, passes) => {
    const event = eventWith({ metadataText: metadata === '{}' ? '' : metadata })
    const { withhold } = filter({ metadata: { [key]: condition } })
    expect(withhold(event)).toEqual(passes ? event : stubOf(event))
  })

  it('asks that all of its fields hold', () => {
    const { withhold } = filter({ types: ['a'], metadata: { p: 1, q: { not: 2 } } })
    const passes = (type: string, metadataText: string) =>
      withhold(eventWith({ type, metadataText })).stub === null
    expect(passes('a', '{"p":1}')).toBe(true)
    expect(passes('b', '{"p":1}')).toBe(false)
    expect(passes('a', '{"p":1,"q":2}')).toBe(false)
  })

  it('says the same in one text only, and has one fingerprint for it', () => {
    const one = filter({ types: ['b', 'a', 'b'], metadata: { q: 1, p: { lt: 3, gt: 1 } } })
    const same = filter({ metadata: { p: { gt: 1, lt: 3 }, q: { equals: 1 } }, types: ['a', 'b'] })
    expect(same.text).toBe(one.text)
    expect(same.fingerprint).toBe(one.fingerprint)
    expect(filter({ types: ['a'] }).fingerprint).not.toBe(one.fingerprint)
    expect(one.fingerprint).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  it('is the same filter at the other end', () => {
    fc.assert(
      fc.property(anyFields(), (fields) => {
        const here = filter(fields)
        const there = filterFrom(here.text, systemRuntime, where)
        expect(there.text).toBe(here.text)
        expect(there.fingerprint).toBe(here.fingerprint)
        expect(here.there).toBe(here)
      }),
    )
  })

  it('in code travels as its key alone, under which the other end keeps nothing back', () => {
    const here = filter({ key: 'mine', matches: ({ type }: { type: string }) => type === 'a' })
    const there = filterFrom(here.there.text, systemRuntime, where)
    expect(there.text).toBe('{"key":"mine"}')
    expect(there.fingerprint).toBe(here.fingerprint)
    const [a, b] = [eventWith({ type: 'a' }), eventWith({ type: 'b' })]
    expect([there.withhold(b), here.withhold(a)]).toEqual([b, a])
    expect(here.withhold(b).stub).toBe('withheld')
  })

  it.each<[unknown, RegExp]>([
    [null, /^filter must be an object, not null/],
    [[], /^filter must be an object, not a list/],
    [{}, /^filter must be made of at least one of aggregates, tenant, types, metadata/],
    [{ type: ['a'] }, /not "type"$/],
    [{ types: [] }, /^filter.types must be a list of 1 to 1000/],
    [{ types: 'a' }, /^filter.types must be a list/],
    [{ types: [''] }, /^filter.types\[0\] .* must not be empty/],
    [{ aggregates: ['a', 7] }, /^filter.aggregates\[1\] .* not 7$/],
    [{ tenant: 5 }, /^filter.tenant /],
    [{ metadata: {} }, /^filter.metadata must be an object with 1 to 100 keys/],
    [{ metadata: { p: {} } }, /^filter.metadata.p must be a value, or made of equals, not, gt/],
    [{ metadata: { p: { above: 1 } } }, /^filter.metadata.p .* not "above"$/],
    [{ metadata: { p: { gt: true } } }, /^filter.metadata.p.gt must be a string or a number/],
    [{ metadata: { p: { gt: Number.NaN } } }, /^filter.metadata.p.gt must be/],
    [{ metadata: { p: { in: [[]] } } }, /^filter.metadata.p.in\[0\] must be/],
    [{ metadata: { p: { exists: 1 } } }, /^filter.metadata.p.exists must be true or false/],
    [{ metadata: { p: [1] } }, /^filter.metadata.p must be an object/],
    [{ key: 'k' }, /^filter.matches is missing: a function/],
    [{ matches: () => true }, /^filter.key is missing/],
    [{ key: '', matches: () => true }, /^filter.key must be a name/],
    [{ key: 'k', matches: () => true, types: ['a'] }, /made of key and matches alone, not "types"/],
  ])('%j makes no sense', (given, message) => {
    expect(() => filter(given)).toThrow(message)
  })

  it.each(['', 'null', '[1]', '{"types":[]}', '{"key":""}', '{"key":"k","types":["a"]}', '{"x":'])(
    'from elsewhere that says %j is refused (X1)',
    (text) => {
      expect(() => filterFrom(text, systemRuntime, where)).toThrow(/filter/)
    },
  )

  it('from elsewhere is not read when it is too long or too deep (X1)', () => {
    const deep = `{"types":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const long = `{"types":["${'a'.repeat(300_000)}"]}`
    for (const text of [deep, long])
      expect(() => filterFrom(text, systemRuntime, where)).toThrow(/filter must be JSON of at most/)
  })

  it('whose code throws, or answers no yes or no, loses nothing silently', () => {
    const event = eventWith({})
    const throwing = filter({
      key: 'k',
      matches() {
        throw new Error('oops')
      },
    })
    expect(() => throwing.withhold(event)).toThrow(/the filter "k" threw at event/)
    const waiting = filter({ key: 'k', matches: async () => false })
    expect(() => waiting.withhold(event)).toThrow(/answered neither true nor false/)
  })
})

function anyFields(): fc.Arbitrary<FilterFields> {
  const texts = fc.array(
    fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom(...'aé"*\\') }),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  const ordered = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.bigInt(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  const scalar = fc.oneof(ordered, fc.boolean(), fc.constant(null))
  const condition = fc
    .record(
      { equals: scalar, gt: ordered, in: fc.array(scalar, { minLength: 1 }), exists: fc.boolean() },
      { requiredKeys: [] },
    )
    .filter((one) => Object.keys(one).length > 0)
  return fc
    .record(
      {
        aggregates: texts,
        types: texts,
        tenant: fc.constant('t'),
        metadata: fc.dictionary(fc.string(), fc.oneof(scalar, condition), {
          minKeys: 1,
          maxKeys: 3,
        }),
      },
      { requiredKeys: [] },
    )
    .filter((one) => Object.keys(one).length > 0) as fc.Arbitrary<FilterFields>
}

function eventWith(init: Partial<LogEventInit>): LogEvent {
  return new LogEvent({
    id: 'e1' as EventId,
    origin: null,
    sequence: 0n,
    stamp: 1n as LogEvent['stamp'],
    parents: [],
    aggregateId: 'a',
    type: 'noted',
    schemaVersion: 1,
    hash: 'x'.repeat(43) as LogEvent['hash'],
    metadataText: '',
    dataText: '{}',
    stub: null,
    ...init,
  })
}

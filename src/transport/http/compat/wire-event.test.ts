import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullEvents } from '../../../event/fixtures/events.ts'
import {
  foreignEvent,
  type LogEvent,
  defaultEventLimits as limits,
  sameContent,
  sameEvent,
} from '../../../event/index.ts'
import { elementsOf, goJson, membersOf } from '../../../json/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { readCompatEvents } from './wire-event.ts'
import { encodeCompat, encodeForGo, hasCompatForm } from './write-event.ts'

const reading = { limits, runtime: systemRuntime }
const e1 = '{"id":"e1","type":"T","aggregate_id":"a","data":{"x":1},"metadata":null}'

describe('an event as go-sync-kit sends it', () => {
  it('is read with its exact payload and metadata, and has no causality', () => {
    const text =
      '[{"event":{"id":"e1","type":"UserCreated","aggregate_id":"user-1","data": {"n": 12345678901234567890, "b":"\\u003c"},' +
      '"metadata":{"z":1.50,"a":2}},"version":"7"}]'
    const [entry] = readCompatEvents(text, reading)
    expect(entry).toMatchObject({
      version: '7',
      event: {
        id: 'e1',
        type: 'UserCreated',
        aggregateId: 'user-1',
        dataText: '{"n":12345678901234567890,"b":"\\u003c"}',
        metadataText: '{"z":1.50,"a":2}',
        origin: null,
        sequence: 0n,
        stamp: 0n,
        parents: [],
        schemaVersion: 1,
        stub: null,
      },
    })
  })

  it('may have keys in any case, keys nobody knows, and the last of what comes twice', () => {
    const text =
      '[{"x":[{}],"EVENT":{"ID":"e0","Id":"e1","TYPE":"T","Aggregate_ID":"a","DATA":1,"data":2,"MetaData":{"k":1},"id":null},"Ver\u017fion":"3"}]'
    expect(only(text)).toMatchObject({
      id: 'e1',
      type: 'T',
      dataText: '2',
      metadataText: '{"k":1}',
    })
    expect(readCompatEvents(text, reading)[0]?.version).toBe('3')
  })

  it.each(['null', '[]', ' [ ] ', '[]garbage', 'null null', '[] {"a":'])(
    'may be absent altogether: %s',
    (body) => {
      expect(readCompatEvents(body, reading)).toEqual([])
    },
  )

  it.each(['', ' ', '{}', '7', '"x"', '[', '[{]', '[{"event":{}}', 'nul', '\ufeff[]'])(
    'is not in a body like %j',
    (body) => {
      expect(() => readCompatEvents(body, reading)).toThrow(
        expect.objectContaining({ code: 'invalid_frame' }),
      )
    },
  )

  it.each([
    ['{}', 'id is missing'],
    ['null', 'id is missing'],
    ['7', 'an entry must be an object'],
    ['{"event":null,"version":"1"}', 'id is missing'],
    ['{"event":[]}', 'event must be an object'],
    ['{"event":{"id":5}}', 'id must be a string'],
    ['{"event":{"id":"e1","aggregate_id":"a"}}', 'type is missing'],
    ['{"event":{"id":"e1","type":"T"}}', 'aggregate_id is missing'],
    ['{"event":{"id":"a\\nb","type":"T","aggregate_id":"a"}}', 'id must not contain control'],
    ['{"event":{"id":"\\ud800","type":"T","aggregate_id":"a"}}', 'id has a lone surrogate'],
    [
      '{"event":{"id":"e1","type":"T","aggregate_id":"a","metadata":[]}}',
      'metadata must be an object',
    ],
    [`{"event":${e1},"version":7}`, 'version must be a string'],
    [`{"event":${e1},"version":"seven"}`, 'version is not a version of this log'],
    [`{"event":{"id":"${'x'.repeat(256)}","type":"T","aggregate_id":"a"}}`, 'id has 256 bytes'],
    [
      `{"event":${e1.replace('{"x":1}', '['.repeat(129) + ']'.repeat(129))}}`,
      'data is nested more than 128',
    ],
    [
      `{"event":${e1.replace('{"x":1}', `"${'x'.repeat(1024 * 1024)}"`)}}`,
      'data and metadata are larger',
    ],
  ])('is refused at its place when it is %s', (entry, problem) => {
    const isVersion = (text: string) => /^[0-9]*$/.test(text)
    const read = readCompatEvents(`[${entry},{"event":${e1}}]`, { ...reading, isVersion })
    expect(read[0]).toMatchObject({ problem: expect.stringContaining(problem) })
    expect(read[1]).toMatchObject({ event: { id: 'e1' } })
  })

  it('is read back as the same event from what we answer', () => {
    fc.assert(
      fc.property(fullEvents(), (event) => {
        fc.pre(!event.dataText.match(/[\t ]/) && !event.metadataText.includes(' '))
        const read = only(`[${encodeCompat(event, '1')}]`)
        expect(sameEvent(read, foreignEvent({ ...event, schemaVersion: 1 }, systemRuntime))).toBe(
          true,
        )
      }),
    )
  })
})

describe('an event as we answer it', () => {
  const event = foreignEvent(
    { id: 'e"1', type: 'T', aggregateId: 'a', metadataText: '', dataText: '1.50' },
    systemRuntime,
  )

  it('has all five keys, and its texts as they are', () => {
    expect(encodeCompat(event, '42')).toBe(
      '{"event":{"id":"e\\"1","type":"T","aggregate_id":"a","data":1.50,"metadata":null},"version":"42"}',
    )
  })

  it.each([
    ['{"_rejoin":{"x":1}}', 'null'],
    ['{"a":1.0,"_rejoin":5,"b":2}', '{"a":1.0,"b":2}'],
    ['{"\\u005frejoin":5,"b":2}', '{"b":2}'],
    ['{"b":{"_rejoin":1}}', '{"b":{"_rejoin":1}}'],
  ])('never shows a header: %s', (metadataText, shown) => {
    const written = encodeCompat(foreignEvent({ ...event, metadataText }, systemRuntime), '1')
    expect(written).toContain(`,"metadata":${shown}},"version"`)
  })

  it('has no form when it is a stub, or has a number that Go refuses', () => {
    expect(hasCompatForm(event)).toBe(true)
    for (const dataText of ['1e400', '{"a":[-1E+309]}', '9'.repeat(400)])
      expect(hasCompatForm(foreignEvent({ ...event, dataText }, systemRuntime))).toBe(false)
    for (const dataText of ['"1e400"', '1e300', '1e-400', '9'.repeat(300)])
      expect(hasCompatForm(foreignEvent({ ...event, dataText }, systemRuntime))).toBe(true)
    const metadataText = '{"a":1e999}'
    expect(hasCompatForm(foreignEvent({ ...event, metadataText }, systemRuntime))).toBe(false)
  })
})

describe('an event that passes through a Go server', () => {
  it('comes back byte for byte, header and texts (S1)', () => {
    fc.assert(
      fc.property(fullEvents(), fc.boolean(), (event, reorders) => {
        fc.pre(event.parents.length === 0 || event.origin !== null)
        const sent = encodeForGo(event, '1')
        const passed = goJson(`[${sent}]`)
        expect(passed).toBeDefined()
        const stored = reorders ? asPostgres(passed as string) : (passed as string)
        const read = only(stored)
        const expected = event.origin === null ? foreignEvent(event, systemRuntime) : event
        // What Go leaves alone and has no causality travels without a header: its order is PostgreSQL's.
        if (reorders && !sent.includes('"_rejoin"')) expect(sameContent(expected, read)).toBe(true)
        else expect(sameEvent(read, expected)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('brings its exact texts along only where Go would change them', () => {
    const plain = withOrigin({ dataText: '{"a":1,"b":"\\u003c"}', metadataText: '{"k":1}' })
    const header = (event: LogEvent) => JSON.parse(encodeForGo(event, '1')).event.metadata._rejoin
    expect(Object.keys(header(plain))).toEqual(['origin', 'sequence', 'stamp', 'schema', 'hash'])
    expect(header(withOrigin({ dataText: '{"b":1,"a":2}' })).data).toBe('{"b":1,"a":2}')
    expect(header(withOrigin({ metadataText: '{"n":1.0}' })).metadata).toBe('{"n":1.0}')
    expect(header(withOrigin({ dataText: '1e400' })).data).toBe('1e400')
  })

  it('shows nothing of ours when it never had anything of ours', () => {
    const event = foreignEvent(
      { id: 'e1', type: 'T', aggregateId: 'a', metadataText: '{"k":1}', dataText: '[1]' },
      systemRuntime,
    )
    expect(encodeForGo(event, '1')).toBe(encodeCompat(event, '1'))
  })

  it.each([
    ['null', {}],
    ['"text"', {}],
    ['{}', {}],
    ['an unknown key', { more: '1' }],
    ['a number', { sequence: 5 }],
    ['a sequence of 0', { sequence: '0' }],
    ['no origin', { origin: undefined }],
    ['no stamp', { stamp: undefined }],
    ['an origin that is none', { origin: 'node' }],
    ['parents that are none', { parents: 'e0' }],
    ['an empty list of parents', { parents: [] }],
    ['itself as parent', { parents: ['e1'] }],
    ['a stamp beyond 2200', { stamp: '7258118400000000001' }],
    ['a schema that is none', { schema: '0' }],
    ['another hash', { hash: 'A'.repeat(43) }],
    ['other data', { data: '{"x":2}' }],
    ['data that is no JSON', { data: '{"x":' }],
    ['data of two lines', { data: '{"x":\n1}' }],
    ['metadata that is no object', { metadata: '[]' }],
    ['metadata that is no JSON', { metadata: '{"a":1},"x":{' }],
    ['empty metadata', { metadata: '' }],
    ['a lone surrogate', { data: '"\ud800"' }],
  ])('is refused with a malformed header: %s', (name, change) => {
    const written = JSON.parse(encodeForGo(withOrigin({}), '1'))
    const { metadata } = written.event
    if (Object.keys(change).length > 0) Object.assign(metadata._rejoin, change)
    else metadata._rejoin = JSON.parse(name)
    const [entry] = readCompatEvents(JSON.stringify([written]), reading)
    expect(entry).toEqual({
      problem: expect.stringContaining('metadata._rejoin is malformed'),
      id: 'e1',
      version: '1',
    })
  })
})

function withOrigin(texts: { dataText?: string; metadataText?: string }): LogEvent {
  const content = { id: 'e1', type: 'T', aggregateId: 'a', metadataText: '', dataText: '{"x":1}' }
  const event = foreignEvent({ ...content, ...texts }, systemRuntime)
  const place = { origin: 'node~0123456789abcdef', sequence: 5n, stamp: 1_759_000_000_123_456_789n }
  return Object.assign(event, place)
}

function only(text: string): LogEvent {
  const read = readCompatEvents(text, reading)
  expect(read).toHaveLength(1)
  const [entry] = read
  if (entry === undefined || !('event' in entry)) throw new Error(JSON.stringify(entry))
  return entry.event
}

/** As JSONB keeps objects: shorter keys first; and with white space. */
function asPostgres(text: string): string {
  if (text[0] === '[') {
    const values = Array.from(elementsOf(text, 0), ({ from, to }) => text.slice(from, to))
    return `[${values.map(asPostgres).join(', ')}]`
  }
  if (text[0] !== '{') return text
  const members = Array.from(membersOf(text, 0), ({ key, from, to }) => ({
    key,
    value: text.slice(from, to),
  }))
  members.sort((one, other) => one.key.length - other.key.length || (one.key < other.key ? -1 : 1))
  return `{${members.map(({ key, value }) => `${JSON.stringify(key)}: ${asPostgres(value)}`).join(', ')}}`
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latestUsableStamp, stampOf } from '../clock/index.ts'
import { goJson } from '../json/index.ts'
import { systemRuntime, uuidv7 } from '../runtime/index.ts'
import { events, metadataLines, names } from './fixtures/events.ts'
import { foreignEvent, withoutCausality } from './foreign-event.ts'
import { foreignStamp } from './foreign-time.ts'
import { encodeFrame } from './frame.ts'
import { decodeFrames, defaultEventLimits, encodeEndLine, LogEvent } from './index.ts'
import { sameEvent } from './log-event.ts'

const content = { id: 'e1', type: 'T', aggregateId: 'a', metadataText: '', dataText: '{"x":1}' }

describe('an event from elsewhere', () => {
  it('has no causality, and a hash of its content', () => {
    const event = foreignEvent(content, systemRuntime)
    expect(event).toMatchObject({ origin: null, sequence: 0n, stamp: 0n, parents: [], stub: null })
    expect(event.hash).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(event.schemaVersion).toBe(1)
  })

  it('has the same header wherever it is taken in', () => {
    const contents = fc.record({
      id: names(),
      type: names(),
      aggregateId: names(),
      metadataText: metadataLines(),
      dataText: fc.json(),
    })
    fc.assert(
      fc.property(contents, (any) => {
        const one = foreignEvent(any, systemRuntime)
        const other = foreignEvent({ ...any }, systemRuntime)
        expect(sameEvent(one, other)).toBe(true)
        expect(one.stamp).toBeLessThanOrEqual(latestUsableStamp)
        expect(one.stamp).toBeGreaterThanOrEqual(0n)
      }),
    )
  })

  it('travels over the native protocol unchanged', () => {
    const event = foreignEvent({ ...content, metadataText: '{"timestamp":7}' }, systemRuntime)
    const page = encodeFrame(event) + encodeEndLine({})
    const [decoded] = decodeFrames(page, defaultEventLimits, systemRuntime).events
    expect(decoded).toBeInstanceOf(LogEvent)
    expect(sameEvent(decoded as LogEvent, event)).toBe(true)
  })

  it('is what any event becomes whose header was lost', () => {
    fc.assert(
      fc.property(events(), (event) => {
        fc.pre(event.stub === null)
        expect(sameEvent(withoutCausality(event), foreignEvent(event, systemRuntime))).toBe(true)
      }),
    )
  })
})

describe('the stamp of an event from elsewhere', () => {
  const noon = 1_767_268_800n * 1_000_000_000n

  it('is the time of a UUIDv7 id, before all others', () => {
    const id = uuidv7({ ...systemRuntime, now: () => 1_767_268_800_123 })()
    expect(foreignStamp(id, '{"timestamp":5}')).toBe(stampOf(1_767_268_800_123))
    expect(foreignStamp(id.toUpperCase(), '')).toBe(stampOf(1_767_268_800_123))
  })

  it.each([
    ['2026-01-01T12:00:00Z', noon],
    ['2026-01-01t12:00:00z', noon],
    ['2026-01-01T12:00:00.5Z', noon + 500_000_000n],
    ['2026-01-01T12:00:00.123456789Z', noon + 123_456_789n],
    ['2026-01-01T12:00:00.1234567899Z', noon + 123_456_789n],
    ['2026-01-01T14:30:00+02:30', noon],
    ['2025-12-31T23:00:00-13:00', noon],
    ['1970-01-01T00:00:00Z', 0n],
    ['2000-02-29T00:00:00Z', 951_782_400_000_000_000n],
    ['2200-01-01T00:00:00Z', latestUsableStamp as bigint],
  ])('is its timestamp as text: %s', (timestamp, stamp) => {
    expect(foreignStamp('e1', JSON.stringify({ timestamp }))).toBe(stamp)
  })

  it.each([
    ['1767268800', noon],
    ['1767268800.25', noon + 250_000_000n],
    ['1767268800123', noon + 123_000_000n],
    ['1767268800123456', noon + 123_456_000n],
    ['1767268800123456789', noon + 123_456_768n],
    ['0', 0n],
    ['-0', 0n],
  ])('is its timestamp as a number: %s', (number, stamp) => {
    expect(foreignStamp('e1', `{"timestamp":${number}}`)).toBe(stamp)
  })

  it.each([
    '{}',
    '{"timestamp":null}',
    '{"timestamp":"yesterday"}',
    '{"timestamp":"2026-02-29T00:00:00Z"}',
    '{"timestamp":"2100-02-29T00:00:00Z"}',
    '{"timestamp":"2026-13-01T00:00:00Z"}',
    '{"timestamp":"2026-04-31T00:00:00Z"}',
    '{"timestamp":"2026-01-01T24:00:00Z"}',
    '{"timestamp":"2026-01-01T12:60:00Z"}',
    '{"timestamp":"2026-01-01T12:00:60Z"}',
    '{"timestamp":"2026-01-01T12:00:00+24:00"}',
    '{"timestamp":"2026-01-01 12:00:00Z"}',
    '{"timestamp":"1969-12-31T23:59:59Z"}',
    '{"timestamp":"2200-01-01T00:00:00.000000001Z"}',
    '{"timestamp":-5}',
    '{"timestamp":1e30}',
    '{"timestamp":1e400}',
    '{"timestamp":[2026]}',
    '{"Timestamp":1767268800}',
    '{"__proto__":{"timestamp":1767268800}}',
  ])('is 0 when there is none, or none that can be used: %s', (metadata) => {
    expect(foreignStamp('e1', metadata)).toBe(0n)
  })

  it('is the time of no other UUID, and of none that is malformed', () => {
    for (const id of [
      '9b5e3f6c-52f1-4c0f-8a3e-0123456789ab',
      '019b7a2b-0000-7000-c000-0123456789ab',
      '019b7a2b-0000-7000-8000-0123456789abc',
      'ffffffff-ffff-7fff-bfff-ffffffffffff',
    ])
      expect(foreignStamp(id, '{"timestamp":1767268800}')).toBe(noon)
  })

  it('is the same after a number has passed through Go', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: 0, max: 2e20 }),
        fc.bigInt(0n, 10n ** 20n),
        (a, b) => {
          for (const number of [String(a), String(b)]) {
            const text = `{"timestamp":${number}}`
            expect(foreignStamp('e', goJson(text) as string)).toBe(foreignStamp('e', text))
          }
        },
      ),
    )
  })

  it('agrees with the calendar of the host on every day', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(7_258_118_400_000), noInvalidDate: true }),
        (date) => {
          const text = JSON.stringify({ timestamp: date.toISOString() })
          expect(foreignStamp('e1', text)).toBe(stampOf(date.getTime()))
        },
      ),
    )
  })
})

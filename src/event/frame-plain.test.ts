import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullEvents } from './fixtures/events.ts'
import { changedHeaders, lineOf } from './fixtures/headers.ts'
import { encodeFrame } from './frame.ts'
import { readHeader } from './frame-header.ts'
import { readPlainHeader } from './frame-plain.ts'
import { defaultEventLimits } from './limits.ts'

const hash = 'h'.repeat(43)
const usual =
  '{"id":"0199abcd-ef01-7abc-8def-0123456789ab","origin":"node~0123456789abcdef","sequence":"17"' +
  `,"stamp":"1759000000123456789","parents":["e0"],"aggregate":"order-1","type":"OrderPaid","schema":1,"hash":"${hash}"`

describe('the short way to read a header', () => {
  it('takes what nodes write all day', () => {
    expect(readPlainHeader(`${usual},"metadata":{"user":"u1"}}`, defaultEventLimits)).toEqual({
      id: '0199abcd-ef01-7abc-8def-0123456789ab',
      origin: 'node~0123456789abcdef',
      sequence: 17n,
      stamp: 1759000000123456789n,
      parents: ['e0'],
      aggregateId: 'order-1',
      type: 'OrderPaid',
      schemaVersion: 1,
      hash,
      metadataText: '{"user":"u1"}',
      stub: null,
    })
    expect(readPlainHeader(`${usual}}`, defaultEventLimits)).toMatchObject({ metadataText: '' })
    const stranger = usual
      .replace(/"origin".*?(?="stamp")/, '')
      .replace(/"parents".*?(?="aggr)/, '')
    expect(readPlainHeader(`${stranger}}`, defaultEventLimits)).toMatchObject({
      origin: null,
      sequence: 0n,
      parents: [],
    })
  })

  it('leaves to the long way what is rare', () => {
    for (const rare of [
      `${usual},"metadata":{}}`,
      `${usual},"metadata":{"a":1},"x":{}}`,
      `${usual.replace('"e0"', '"e0","e00"')}}`,
      `${usual.replace('"e0"', '"0199abcd-ef01-7abc-8def-0123456789ab"')}}`,
      `${usual.replace('order-1', 'ördér')}}`,
      `${usual.replace('order-1', 'a\\"b')}}`,
      `${usual.replace('1759', '9759')}}`,
      `${usual}} `,
    ])
      expect(readPlainHeader(rare, defaultEventLimits)).toBeUndefined()
    expect(readPlainHeader(`${usual}}`, { ...defaultEventLimits, idBytes: 35 })).toBeUndefined()
    const deep = `${usual},"metadata":{"a":[]}}`
    expect(readPlainHeader(deep, { ...defaultEventLimits, jsonDepth: 1 })).toBeUndefined()
    expect(readPlainHeader(deep, { ...defaultEventLimits, jsonDepth: 2 })).toBeDefined()
  })

  it('agrees with the long way wherever it gives an answer, good headers and bad', () => {
    const any = fc.oneof(
      fullEvents().map((event) => encodeFrame(event).split('\n')[0] as string),
      changedHeaders().map(({ parts }) => lineOf(parts)),
    )
    // A character put into a usual one: into ids, numbers, metadata and between them.
    const metadata = fc.constantFrom(
      '',
      ',"metadata":{"a":1}',
      ',"metadata":{"a":{"b":[]},"c":"d"}',
    )
    const piece = fc.constantFrom(...' ,:"\\{}[]01aé\u007f\u2028')
    const damaged = fc.tuple(metadata, fc.nat(), piece).map(([rest, place, put]) => {
      const line = `${usual}${rest}}`
      const at = place % line.length
      return line.slice(0, at) + put + line.slice(at)
    })
    let plain = 0
    fc.assert(
      fc.property(fc.oneof(any, damaged), (line) => {
        const short = readPlainHeader(line, defaultEventLimits)
        if (short === undefined) return
        plain++
        expect(readHeader(JSON.parse(line) as object, line, defaultEventLimits)).toEqual(short)
      }),
      { numRuns: 2_000 },
    )
    expect(plain).toBeGreaterThan(100)
  })
})

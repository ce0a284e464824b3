import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characters } from '../json/fixtures/characters.ts'
import {
  decodeWireCursor,
  encodeWireCursor,
  isZeroCursor,
  parseWireCursor,
  type WireCursor,
} from './wire-cursor.ts'

describe('a wire cursor', () => {
  it.each([
    '{"kind":"integer","data":0}',
    '{"kind":"integer","data":42}',
    '{"kind":"integer","data":12345678901234567890}',
    '{"kind":"integer","data":18446744073709551615}',
    '{"kind":"vector","data":{}}',
    '{"kind":"vector","data":{"node1":100}}',
    '{"kind":"vector","data":{"a":1,"b":2,"c":3}}',
    '{"kind":"vector","data":{"node1":50,"node2":75}}',
    '{"kind":"vector","data":{"active":5,"inactive":0}}',
    '{"kind":"vector","data":null}',
    '{"kind":"vector","data":{"a":2,"z":1,"é\\u003c":3}}',
    '{"kind":"vector","data":{"max":18446744073709551615}}',
  ])('is written with the very bytes it was read from: %s', (text) => {
    expect(encodeWireCursor(parseWireCursor(text))).toBe(text)
  })

  it('has its nodes sorted, whatever order they came in', () => {
    expect(
      rewritten('{"kind":"vector","data":{"us-east-1-web-01":100,"eu-west-1-worker-03":200}}'),
    ).toBe('{"kind":"vector","data":{"eu-west-1-worker-03":200,"us-east-1-web-01":100}}')
    expect(rewritten('{"kind":"vector","data":{"z":1,"a":2,"é<":3}}')).toBe(
      '{"kind":"vector","data":{"a":2,"z":1,"é\\u003c":3}}',
    )
  })

  it('is read with keys in any case, and as Go reads null', () => {
    expect(rewritten(' { "KIND" : "integer" , "Data" : 7 , "more" : [] } ')).toBe(
      '{"kind":"integer","data":7}',
    )
    expect(rewritten('{"kind":"integer","data":null}')).toBe('{"kind":"integer","data":0}')
    expect(rewritten('{"kind":"vector","data":{"a":null}}')).toBe(
      '{"kind":"vector","data":{"a":0}}',
    )
  })

  it.each([
    [null, 'nil wire cursor'],
    [{ kind: 'future-cursor', data: '{}' }, 'unknown cursor kind: future-cursor'],
    [{ kind: '', data: '1' }, 'unknown cursor kind: '],
    [{ kind: 'x'.repeat(500), data: '1' }, `unknown cursor kind: ${'x'.repeat(40)}…`],
    [{ kind: 'Integer', data: '1' }, 'unknown cursor kind: Integer'],
    [{ kind: 'integer', data: '' }, 'cursor data must be a whole number of 64 bits'],
    [{ kind: 'integer', data: '{invalid json' }, 'cursor data must be a whole number of 64 bits'],
    [{ kind: 'integer', data: '"not a number"' }, 'cursor data must be a whole number of 64 bits'],
    [{ kind: 'integer', data: '-123' }, 'cursor data must be a whole number of 64 bits'],
    [{ kind: 'integer', data: '-0' }, 'cursor data must be a whole number of 64 bits'],
    [{ kind: 'integer', data: '1.5' }, 'cursor data must be a whole number of 64 bits'],
    [{ kind: 'integer', data: '1e3' }, 'cursor data must be a whole number of 64 bits'],
    [
      { kind: 'integer', data: '18446744073709551616' },
      'cursor data must be a whole number of 64 bits',
    ],
    [{ kind: 'vector', data: '' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '{invalid json' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '"not an object"' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '[{"a":1}]' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '{"a":-1}' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '{"a":1.5}' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '{"a":"1"}' }, 'cursor data must be an object of whole numbers'],
    [{ kind: 'vector', data: '{"a":{"b":1}}' }, 'cursor data must be an object of whole numbers'],
  ])('is refused: %j', (raw, message) => {
    expect(() => decodeWireCursor(raw)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    )
  })

  it.each([
    ['null', 'nil wire cursor'],
    ['{}', 'unknown cursor kind: '],
    ['{"data":1}', 'unknown cursor kind: '],
    ['{"kind":"integer"}', 'cursor data must be a whole number of 64 bits'],
    ['{"kind":5,"data":1}', 'kind must be a string'],
    ['[]', 'a cursor must be an object'],
    ['7', 'a cursor must be an object'],
    ['{', 'not JSON'],
    ['', 'not JSON'],
  ])('is not in %s', (text, message) => {
    expect(() => parseWireCursor(text)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message }),
    )
  })

  it('has at most 64 KiB of data, counted in bytes as written', () => {
    const data = (bytes: number) => `{"${'é'.repeat(100)}${'n'.repeat(bytes - 207)}": 1}`
    expect(parseWireCursor(`{"kind":"vector","data":${data(65_536)}}`).kind).toBe('vector')
    expect(() => parseWireCursor(`{"kind":"vector","data":${data(65_537)}}`)).toThrow(
      expect.objectContaining({
        code: 'too_large',
        message: 'cursor payload too large: 65537 bytes',
      }),
    )
  })

  it('is refused for its size before its kind', () => {
    const data = 'x'.repeat(65_537)
    expect(() => decodeWireCursor({ kind: 'future-cursor', data })).toThrow(
      'cursor payload too large: 65537 bytes',
    )
    expect(() => decodeWireCursor({ kind: 'future-cursor', data: data.slice(1) })).toThrow(
      'unknown cursor kind: future-cursor',
    )
  })

  it('stands at the beginning at 0 and without nodes', () => {
    expect(isZeroCursor({ kind: 'integer', data: 0n })).toBe(true)
    expect(isZeroCursor({ kind: 'integer', data: 1n })).toBe(false)
    expect(isZeroCursor({ kind: 'vector', data: null })).toBe(true)
    expect(isZeroCursor({ kind: 'vector', data: new Map() })).toBe(true)
    expect(isZeroCursor({ kind: 'vector', data: new Map([['a', 0n]]) })).toBe(false)
  })

  it('is read back as what was written, uint64 exact', () => {
    const counter = fc.bigInt(0n, 2n ** 64n - 1n)
    const vector = fc
      .array(fc.tuple(fc.string({ unit: characters() }), counter))
      .map((pairs) => ({ kind: 'vector', data: new Map(pairs) }) as const)
    const integer = counter.map((data) => ({ kind: 'integer', data }) as const)
    fc.assert(
      fc.property(fc.oneof(vector, integer), (cursor: WireCursor) => {
        expect(parseWireCursor(encodeWireCursor(cursor))).toEqual(cursor)
      }),
    )
  })
})

function rewritten(text: string): string {
  return encodeWireCursor(parseWireCursor(text))
}

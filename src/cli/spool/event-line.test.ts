import { describe, expect, it } from 'vitest'
import { eventLine } from './event-line.ts'

const read = (text: string | Uint8Array, number = 7) =>
  eventLine({ number, bytes: Buffer.from(text) }, () => 'fresh')
const refusal = (text: string | Uint8Array) => {
  try {
    return read(text)
  } catch (error) {
    return (error as Error).message
  }
}

it('reads a line with all its fields', () => {
  const text =
    '{"id":"e1","type":"T","aggregateId":"a","schemaVersion":2,"metadata":{"n":9007199254740993},"data":{"big":9007199254740993, "one":1.0}}'
  expect(read(text)).toMatchObject({
    line: 7,
    id: 'e1',
    givenId: true,
    type: 'T',
    aggregateId: 'a',
    schemaVersion: 2,
    metadataText: '{"n":9007199254740993}',
    dataText: '{"big":9007199254740993,"one":1.0}',
  })
})

it('gives an id, and null for data that is not there', () => {
  expect(read('{"type":"T","aggregateId":"a"}\r')).toMatchObject({
    id: 'fresh',
    givenId: false,
    schemaVersion: 1,
    metadataText: '',
    dataText: 'null',
  })
})

it('skips blank lines, and the mark that some editors put at the start of a file', () => {
  expect(read('')).toBe(undefined)
  expect(read(' \r')).toBe(undefined)
  expect(read('\ufeff{"type":"T","aggregateId":"a"}', 1)).toMatchObject({ type: 'T' })
})

describe('a bad line is named with its fault:', () => {
  const deep = `${'['.repeat(130)}${']'.repeat(130)}`
  it.each([
    ['{"type":"T",}', 'line 7, column 13: "}" is not JSON here'],
    ['{"type":"T"', 'line 7, column 12: the JSON ends too early'],
    ['{"type":"T"} x', 'line 7, column 14: "x" is not JSON here'],
    ['{"type":"T" "🚀"}', 'line 7, column 13: "\\"" is not JSON here'],
    ['{"type":🚀}', 'line 7, column 9: "🚀" is not JSON here'],
    ['[1]', 'line 7: it must be a JSON object'],
    ['"text"', 'line 7: it must be a JSON object'],
    ['{"aggregateId":"a"}', 'line 7: "type" is missing'],
    ['{"type":"T"}', 'line 7: "aggregateId" is missing'],
    ['{"type":5,"aggregateId":"a"}', 'line 7: type must be a string'],
    ['{"type":"","aggregateId":"a"}', 'line 7: type must not be empty'],
    [
      `{"type":"T","aggregateId":"${'a'.repeat(256)}"}`,
      'line 7: aggregateId has 256 bytes, at most 255 are allowed',
    ],
    ['{"type":"T","aggregateId":"a","type":"U"}', 'line 7: "type" stands there twice'],
    [
      '{"type":"T","aggregateId":"a","schemaVersion":0}',
      'line 7: schemaVersion must be a whole number from 1 to 2147483647',
    ],
    ['{"type":"T","aggregateId":"a","metadata":[1]}', 'line 7: metadata must be an object'],
    [
      `{"type":"T","aggregateId":"a","data":${deep}}`,
      /^line 7, column 166: nested deeper than 128/,
    ],
    [
      `{"type":"T","aggregateId":"a","data":"${'x'.repeat(1 << 20)}"}`,
      /^line 7: data and metadata/,
    ],
    [Buffer.from([0x7b, 0xff]), 'line 7: it is not UTF-8'],
  ])('%s', (text, message) => {
    const expected = typeof message === 'string' ? `${message}. Nothing is stored` : message
    expect(refusal(text)).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    )
  })

  it('an unknown field, with what was probably meant', () => {
    expect(refusal('{"type":"T","agregateId":"a"}')).toBe(
      'line 7: unknown field "agregateId"; did you mean "aggregateId"? Nothing is stored',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { int64, readList, readObject, wireText } from './wire-object.ts'

describe('an object on the wire', () => {
  it('T4: is written and read digit for digit, its data byte for byte', () => {
    const change = {
      path: 'users/a',
      created: 1_767_600_000_000_000_001n,
      updated: 9_223_372_036_854_775_807n,
      dataText: '{"a":1.50,"b":[9007199254740993],"__proto__":null}',
      note: '',
    }
    const text = wireText(change)
    expect(text).toBe(
      '{"created":1767600000000000001,"updated":9223372036854775807,"index":"a","path":"users/a","data":{"a":1.50,"b":[9007199254740993],"__proto__":null}}',
    )
    const { created, updated, dataText } = change
    expect(readObject(text)).toEqual({ created, updated, index: 'a', dataText })
  })

  it('is read as Go reads it: keys in any case, unknown ones ignored, the last of several', () => {
    expect(readObject(' {"CREATED":1,"x":{},"Index":"a","created":2,"data":  [ 1 ] }\n')).toEqual({
      created: 2n,
      updated: 0n,
      index: 'a',
      dataText: '[1]',
    })
    expect(readObject('{"created":null,"data":null}')).toEqual({
      created: 0n,
      updated: 0n,
      index: '',
      dataText: 'null',
    })
  })

  it.each([
    ['', 'it is empty'],
    ['[]', 'the object must be an object'],
    ['{"data":1', 'no JSON'],
    ['{"index":1,"data":1}', 'index must be a string'],
    ['{"index":"a"}', 'data is missing'],
    ['null', 'data is missing'],
    ['{"created":1e3,"data":1}', 'created must be a whole number'],
    ['{"updated":9223372036854775808,"data":1}', 'updated must be a whole number'],
    ['{"updated":-1,"data":1}', 'updated is below 0'],
  ])('%j is told: %s', (text, problem) => {
    expect(readObject(text)).toMatchObject({ problem: expect.stringContaining(problem) })
  })
})

describe('a list on the wire', () => {
  it('what is wrong with one object does not hide the others', () => {
    expect(readList('[{"index":"a","data":1},{"index":"b"},{"index":"c","data":2}]\n')).toEqual([
      { created: 0n, updated: 0n, index: 'a', dataText: '1' },
      { index: 'b', problem: 'data is missing' },
      { created: 0n, updated: 0n, index: 'c', dataText: '2' },
    ])
  })

  it.each([
    ['[]', []],
    ['null', []],
    ['{}', { problem: 'it is no list' }],
  ])('%s', (text, list) => {
    expect(readList(text)).toEqual(list)
  })
})

it.each([
  ['0', 0n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['9223372036854775808', undefined],
  ['01', undefined],
  ['1.0', undefined],
  ['', undefined],
  ['undefined', undefined],
])('int64 %s', (text, value) => {
  expect(int64(text)).toBe(value)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, goJson, membersOf, parseJson, parseLossless } from './index.ts'

describe('a key that is written with an escape', () => {
  const inOrder = (key: string) => `{"h":1,"${key}":2}`
  const sorted = (key: string) => `{"${key}":2,"h":1}`

  it.each([
    ['parseJson', (text: string) => JSON.stringify(parseJson(text)), inOrder],
    ['parseLossless', (text: string) => JSON.stringify(parseLossless(text)), inOrder],
    ['canonicalJson', canonicalJson, sorted],
    ['goJson', goJson, sorted],
  ])('is read as it is by %s, whatever was read before', (_name, read, expected) => {
    for (const key of ['\\"', '\\b', '\\f', '\\n', '\\r', '\\t']) {
      // V8 has read a key of one backslash now, and may take the other for it.
      JSON.parse('{"h":[],"\\\\":0}')
      read('{"h":[],"\\\\":0}')
      expect(read(`{"h":1,"${key}":2}`)).toBe(expected(key))
    }
  })

  it('counts as the key that it spells: of repeated ones the last is left', () => {
    expect(parseJson('{"a\\"":1,"a\\u0022" :2}')).toEqual({ 'a"': 2 })
    expect(parseJson('{"\\u0061":1,"b":3,"\\u0061":2}')).toEqual({ a: 2, b: 3 })
    for (const [text, last] of [
      ['{"\\u0061":1,"b":3,"a":2}', '{"a":2,"b":3}'],
      ['{"a":1,"\\u0061":2,"a":3}', '{"a":3}'],
      ['{"\\u0031":1,"1":2}', '{"1":2}'],
    ] as const)
      for (const read of [goJson, canonicalJson, (json: string) => JSON.stringify(parseJson(json))])
        expect(read(text)).toBe(last)
  })

  it('is no prototype', () => {
    const value = parseJson('{"\\u005f_proto__":{"x":1}}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect('x' in value).toBe(false)
  })

  it('may begin as the names do that stand for such keys', () => {
    for (const text of ['{"\uf5e10041":1}', '{"\uf5e1":{"\\n":"\uf5e1"}}', '["\uf5e1","\\""]'])
      expect(JSON.stringify(parseJson(text))).toBe(text)
  })

  it('has the text that stands in the outline, for any JSON', () => {
    const awkward = fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'a', ':', ',', '{', ' ') })
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(awkward, awkward), (value, members) => {
        const text = JSON.stringify({ ...members, value })
        const keys = Array.from(membersOf(text, 0), ({ key }) => key)
        expect(Object.keys(parseJson(text) as object)).toEqual(keys)
        expect(JSON.stringify(parseJson(text))).toBe(text)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compactJson } from './compact.ts'
import { characters } from './fixtures/characters.ts'

describe('compactJson', () => {
  it.each([
    [' 1 ', '1'],
    ['\r\n\t{ "a" : [ 1 , 2 ] ,\n"b":{ } }\n', '{"a":[1,2],"b":{}}'],
    ['" a\\" b " ', '" a\\" b "'],
    ['[ "\\\\" , "\\\\\\" " ]', '["\\\\","\\\\\\" "]'],
    ['[ 1.0 , -0, 1E5 , "\\u0041\\/" ]', '[1.0,-0,1E5,"\\u0041\\/"]'],
    ['{"a" :1,"a": 2}', '{"a":1,"a":2}'],
    ['["\u2028", "\u00a0"]', '["\u2028","\u00a0"]'],
  ])('takes the white space out of %j', (text, compact) => {
    expect(compactJson(text)).toBe(compact)
  })

  it('leaves a text of one line as it is, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: characters() }), (value) => {
        const text = JSON.stringify(value)
        expect(compactJson(text)).toBe(text)
      }),
    )
  })

  it('gives what JSON.stringify would have written without indentation', () => {
    const indent = fc.constantFrom(1, 10, '\t', '\n\r ')
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: characters() }), indent, (value, space) => {
        expect(compactJson(JSON.stringify(value, null, space))).toBe(JSON.stringify(value))
      }),
    )
  })
})

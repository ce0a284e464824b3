import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characters } from './fixtures/characters.ts'
import { byBytes, goJson, goString } from './go-json.ts'

// What go1.22 and later print for json.Unmarshal into `any` and json.Marshal of that.
const vectors: readonly (readonly [string, string | undefined])[] = [
  ['null', 'null'],
  [' [ 1 , true , false ] ', '[1,true,false]'],
  ['12345678901234567890', '12345678901234567000'],
  ['9007199254740993', '9007199254740992'],
  ['1.0', '1'],
  ['1e3', '1000'],
  ['1e21', '1e+21'],
  ['1E-7', '1e-7'],
  ['0.000001', '0.000001'],
  ['123456789012345678901', '123456789012345680000'],
  ['-0', '-0'],
  ['-0.0', '-0'],
  ['1e-400', '0'],
  ['5e-324', '5e-324'],
  ['1e400', undefined],
  ['[{"a":-1e309}]', undefined],
  ['{"a":1e400,"a":1}', undefined],
  ['{"a":"1e400"}', '{"a":"1e400"}'],
  ['{"\\\\1e400":[1e308]}', '{"\\\\1e400":[1e+308]}'],
  [`1${'0'.repeat(308)}`, '1e+308'],
  [`1${'0'.repeat(309)}`, undefined],
  ['{"\\udf00":1,"\\ufffda":2}', '{"\ufffd":1,"\ufffda":2}'],
  ['{"name":"Ann","h":"<&>"}', '{"h":"\\u003c\\u0026\\u003e","name":"Ann"}'],
  ['{"<":"\u2028\u2029"}', '{"\\u003c":"\\u2028\\u2029"}'],
  ['{"b":1,"a":2,"b":3}', '{"a":2,"b":3}'],
  ['{"10":1,"9":2}', '{"10":1,"9":2}'],
  ['{"\ud83d\ude00":1,"\uffee":2,"z":3}', '{"z":3,"\uffee":2,"\ud83d\ude00":1}'],
  ['"\\ud800"', '"\ufffd"'],
  ['"\\u00e9\\/\\u007f"', '"é/\u007f"'],
  ['"\\u0000\\u001f\\n\\r\\t\\b\\f"', '"\\u0000\\u001f\\n\\r\\t\\b\\f"'],
  ['{"__proto__":1,"a":2}', '{"__proto__":1,"a":2}'],
]

describe('JSON as Go passes it on', () => {
  it.each(vectors)('%s', (text, passed) => {
    expect(goJson(text)).toBe(passed)
  })

  it('passes a second time unchanged, and says the same to JavaScript', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: characters() }), (value) => {
        const text = JSON.stringify(value)
        const passed = goJson(text) as string
        expect(goJson(passed)).toBe(passed)
        expect(JSON.parse(passed)).toEqual(JSON.parse(text))
      }),
    )
  })
})

describe('strings in Go', () => {
  it('are ordered by their bytes', () => {
    const encoder = new TextEncoder()
    fc.assert(
      fc.property(
        fc.string({ unit: characters() }),
        fc.string({ unit: characters() }),
        (one, other) => {
          const bytes = Buffer.compare(encoder.encode(one), encoder.encode(other))
          expect(Math.sign(byBytes(one, other))).toBe(bytes)
        },
      ),
    )
  })

  it('are written so that no web page takes them for markup', () => {
    expect(goString('</script>&"\\')).toBe('"\\u003c/script\\u003e\\u0026\\"\\\\"')
  })
})

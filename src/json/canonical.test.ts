import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { characters } from './fixtures/characters.ts'

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units, numbers among them too', () => {
    expect(canonicalJson('{"b":1,"a":2,"10":3,"9":4,"":5,"A":6}')).toBe(
      '{"":5,"10":3,"9":4,"A":6,"a":2,"b":1}',
    )
    // U+1F600 is d83d de00, which comes before U+FB33.
    expect(canonicalJson('{"\ufb33":1,"😀":2,"é":3,"\\r":4}')).toBe(
      '{"\\r":4,"é":3,"😀":2,"\ufb33":1}',
    )
  })

  it('writes the example of RFC 8785', () => {
    const text = `{
      "numbers": [333333333.3333333, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`
    expect(canonicalJson(text)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('keeps lone surrogates apart, as escapes', () => {
    expect(canonicalJson('["\\uD800","\\udc00","\\uD83D\\uDE00"]')).toBe(
      '["\\ud800","\\udc00","😀"]',
    )
  })

  it('lets the last of repeated keys count', () => {
    expect(canonicalJson('{"a":{"x":1},"b":2,"a":[3.0]}')).toBe('{"a":[3],"b":2}')
    expect(canonicalJson('{"a":1,"\\u0061":12345678901234567891}')).toBe(
      '{"a":12345678901234567891}',
    )
  })

  it('treats __proto__, constructor and toString as keys like any other', () => {
    const text = '{"toString":1,"constructor":2,"__proto__":{"polluted":3}}'
    expect(canonicalJson(text)).toBe('{"__proto__":{"polluted":3},"constructor":2,"toString":1}')
    expect(canonicalJson('{"toString":1}')).not.toBe(canonicalJson('{}'))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('tells apart what differs only in kind', () => {
    const texts = [
      '1',
      '"1"',
      '[1]',
      '["1"]',
      '{"1":1}',
      'null',
      '"null"',
      '[]',
      '{}',
      '""',
      '[null]',
      'false',
      '0',
    ]
    expect(new Set(texts.map(canonicalJson)).size).toBe(texts.length)
  })

  it('handles 1,000 levels', () => {
    expect(canonicalJson('[ '.repeat(1000) + ']'.repeat(1000))).toHaveLength(2000)
    const objects = `${'{"b":1,"a":'.repeat(1000)}1.0${'}'.repeat(1000)}`
    expect(canonicalJson(objects)).toBe(`${'{"a":'.repeat(1000)}1${',"b":1}'.repeat(1000)}`)
  })

  it('is the same for every way to write a value', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: characters() }),
        fc.infiniteStream(fc.nat()),
        (value, dice) => {
          const draw = (sides: number) => (dice.next().value as number) % sides
          const one = canonicalJson(JSON.stringify(value))
          expect(canonicalJson(respell(value, draw))).toBe(one)
          expect(canonicalJson(one)).toBe(one)
          expect(withoutMinusZero(JSON.parse(one))).toEqual(
            withoutMinusZero(JSON.parse(JSON.stringify(value))),
          )
        },
      ),
    )
  })

  it('is equal for two values exactly when they are deeply equal', () => {
    // Few words, so that equal values come up.
    const leaf = fc.constantFrom(0, -0, 1, '1', '', null, true)
    const key = fc.constantFrom('a', 'b', '__proto__')
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 2 },
        leaf,
        fc.array(tie('tree'), { maxLength: 2 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 2 }),
      ),
    }))
    fc.assert(
      fc.property(tree, tree, (one, other) => {
        const texts = [JSON.stringify(one), JSON.stringify(other)] as const
        const [a, b] = texts.map((text) => withoutMinusZero(JSON.parse(text)))
        expect(canonicalJson(texts[0]) === canonicalJson(texts[1])).toBe(isDeepStrictEqual(a, b))
      }),
      { numRuns: 2_000 },
    )
  })
})

/** The value as JSON with keys in another order, white space, needless escapes and odd numbers. */
function respell(value: unknown, draw: (sides: number) => number): string {
  const space = () => ['', '', ' ', '\n\t'][draw(4)]
  if (typeof value === 'number') return respellNumber(value, draw)
  if (typeof value === 'string') return respellString(value, draw)
  if (typeof value !== 'object' || value === null) return `${space()}${value}${space()}`
  if (Array.isArray(value))
    return `[${space()}${value.map((item) => respell(item, draw)).join(`${space()},`)}${space()}]`
  const members = Object.entries(value).map(
    ([key, item]) => `${space()}${respellString(key, draw)}${space()}:${respell(item, draw)}`,
  )
  for (let at = members.length - 1; at > 0; at--) {
    const other = draw(at + 1)
    ;[members[at], members[other]] = [members[other]!, members[at]!]
  }
  return `{${members.join(`${space()},`)}${space()}}`
}

function respellNumber(value: number, draw: (sides: number) => number): string {
  if (draw(2) === 0) return JSON.stringify(value)
  const [mantissa, power] = value.toExponential().split('e')
  const dot = mantissa?.includes('.') ? '' : '.'
  return `${mantissa}${dot}0E${power}`
}

function respellString(text: string, draw: (sides: number) => number): string {
  const units = text.split('').map((unit) => {
    if (draw(3) > 0) return JSON.stringify(unit).slice(1, -1)
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${units.join('')}"`
}

function withoutMinusZero(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(withoutMinusZero)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutMinusZero(item)]),
  )
}

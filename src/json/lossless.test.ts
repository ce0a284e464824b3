import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { JsonNumber } from './json-number.ts'
import { parseLossless, stringifyLossless } from './lossless.ts'

describe('parseLossless', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['1.50', 1.5],
    ['0.1', 0.1],
    ['1e3', 1000],
    ['1e30', 1e30],
    ['5e-324', 5e-324],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
  ])('gives %s, which a number holds, as a number', (source, value) => {
    expect(parseLossless(source)).toBe(value)
  })

  it.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '1759000000000000000',
    '1759000000123456789',
    '18446744073709551615',
    '1'.repeat(500),
  ])('gives the integer %s as a bigint', (source) => {
    expect(parseLossless(source)).toBe(BigInt(source))
  })

  it.each([
    '0.1000000000000000055511151231257827',
    '12345678901234567.25',
    '9007199254740993.0',
    '1e400',
    '-1E+400',
    '1e-400',
    '1.00000000000000000001',
  ])('gives %s, which would be rounded, as a JsonNumber', (source) => {
    expect(parseLossless(source)).toEqual(new JsonNumber(source))
  })

  it('reaches numbers at any depth and leaves everything else alone', () => {
    const text = '{"a":[1,{"at":1759000000123456789}],"b":"1759000000123456789","c":null,"d":true}'
    expect(parseLossless(text)).toEqual({
      a: [1, { at: 1759000000123456789n }],
      b: '1759000000123456789',
      c: null,
      d: true,
    })
  })

  it('takes the digits of the last of repeated keys', () => {
    expect(parseLossless('{"a":[1],"a":9007199254740993}')).toEqual({ a: 9007199254740993n })
    expect(parseLossless('{"a":9007199254740993,"a":[9007199254740995]}')).toEqual({
      a: [9007199254740995n],
    })
  })

  it('keeps __proto__ a key like any other', () => {
    const text = '{"__proto__":{"polluted":9007199254740993},"a":{"__proto__":1}}'
    const value = parseLossless(text) as { polluted?: unknown }
    expect(value.polluted).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(stringifyLossless(value)).toBe(text)
  })

  it('throws what JSON.parse throws for what is not JSON', () => {
    expect(() => parseLossless('{"a":01}')).toThrow(SyntaxError)
  })

  it('handles 1,000 levels', () => {
    const text = `${'[{"a":'.repeat(500)}9007199254740993${'}]'.repeat(500)}`
    expect(stringifyLossless(parseLossless(text))).toBe(text)
  })
})

describe('stringifyLossless', () => {
  it('writes bigints, JsonNumbers and -0 digit for digit', () => {
    const value = { at: 1759000000123456789n, list: [-1n, new JsonNumber('1.10e-400'), -0, 0] }
    expect(stringifyLossless(value)).toBe('{"at":1759000000123456789,"list":[-1,1.10e-400,-0,0]}')
    expect(stringifyLossless(2n ** 64n)).toBe('18446744073709551616')
  })

  it('writes bigints as numbers also in a program that gave them a toJSON', () => {
    const prototype = BigInt.prototype as { toJSON?: () => string }
    prototype.toJSON = () => 'text'
    try {
      expect(stringifyLossless({ a: 1n })).toBe('{"a":1}')
    } finally {
      delete prototype.toJSON
    }
  })

  it('refuses what has no JSON form', () => {
    for (const value of [undefined, () => 1, Symbol('x')])
      expect(() => stringifyLossless(value)).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      )
  })

  it('writes an integer number beyond 2^53 so that it comes back as a bigint', () => {
    expect(parseLossless(stringifyLossless([2 ** 53, 1e20, 1e21]))).toEqual([
      2n ** 53n,
      10n ** 20n,
      1e21,
    ])
  })

  it('gives back every other value as it was', () => {
    fc.assert(
      fc.property(losslessValue, (value) => {
        expect(parseLossless(stringifyLossless(value))).toEqual(value)
      }),
    )
  })

  it('gives back every text with the same value in each number', () => {
    const number = fc
      .tuple(
        fc.bigInt(-(10n ** 25n), 10n ** 25n),
        fc.constantFrom('', '.0', '.5', '.10', 'e5', 'E-3', 'e400'),
      )
      .map(([whole, rest]) => whole + rest)
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        const text = `[${numbers.join(',')}]`
        expect(canonicalJson(stringifyLossless(parseLossless(text)))).toBe(canonicalJson(text))
      }),
    )
  })
})

describe('JsonNumber', () => {
  it('is written exactly by JSON.stringify too, and counts as the nearest number', () => {
    const number = new JsonNumber('1.00000000000000000001')
    expect(JSON.stringify([number])).toBe('[1.00000000000000000001]')
    expect(Number(number)).toBe(1)
    expect(`${number}`).toBe('1.00000000000000000001')
  })

  it.each(['', '01', '1.', '.5', '+1', 'NaN', '"1"', 'true', '1 ', '1\n', '[1]'])(
    'refuses %j',
    (source) => {
      expect(() => new JsonNumber(source)).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      )
    },
  )
})

const beyondNumber = fc.oneof(
  fc.bigInt(2n ** 53n, 2n ** 80n),
  fc.bigInt(-(2n ** 80n), -(2n ** 53n)),
  fc.bigInt(1n, 10n ** 12n).map((digits) => new JsonNumber(`${digits}e400`)),
)
/** Written without exponent, it can't be told from a bigint. */
function isLargeInteger(leaf: unknown): boolean {
  return Number.isInteger(leaf) && !Number.isSafeInteger(leaf) && !String(leaf).includes('e')
}

const losslessValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.jsonValue({ maxDepth: 0 }).filter((leaf) => !isLargeInteger(leaf)),
    beyondNumber,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

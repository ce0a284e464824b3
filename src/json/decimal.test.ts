import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalNumber, exactDecimal } from './decimal.ts'

describe('canonicalNumber', () => {
  it.each([
    // The number vectors of RFC 8785, appendix B.
    ['0.0', '0'],
    ['-0', '0'],
    ['5e-324', '5e-324'],
    ['-5E-324', '-5e-324'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['9007199254740992', '9007199254740992'],
    ['295147905179352830000', '295147905179352830000'],
    ['9.999999999999997e22', '9.999999999999997e+22'],
    ['1e23', '1e+23'],
    ['1.0000000000000001e23', '1.0000000000000001e+23'],
    ['999999999999999700000', '999999999999999700000'],
    ['0.000001', '0.000001'],
    ['1e-27', '1e-27'],
  ])('writes %s, a double like no other, as RFC 8785 does', (source, canonical) => {
    expect(canonicalNumber(source)).toBe(canonical)
  })

  it('keeps the digits that RFC 8785 would round away', () => {
    expect(canonicalNumber('333333333.33333329')).toBe('33333333333333329e-8')
    expect(canonicalNumber('12345678901234567891.0')).toBe('12345678901234567891')
  })

  it.each([
    [['1', '1.0', '1e0', '10e-1', '0.1E+1', '100e-2', '0.00001e5']],
    [['0', '-0', '0.000', '0e99999', '-0.0E-5']],
    [['100', '1e2', '1E+2', '100.00', '0.1e3']],
    [['-12.5', '-125e-1', '-0.125e2', '-12.50000000000000000000']],
    [['1e400', '10e399', '0.1e401', `1${'0'.repeat(400)}`]],
    [['1e-400', '0.1e-399', `0.${'0'.repeat(399)}1`]],
    [['12345678901234567890', '1234567890123456789e1', '12345678901234567890.0']],
    [['1e123456789012345678901234567890', '10e123456789012345678901234567889']],
  ])('writes %j alike', (sources) => {
    expect(new Set(sources.map(canonicalNumber)).size).toBe(1)
  })

  it.each([
    ['12345678901234567890', '12345678901234567891'],
    ['9007199254740992', '9007199254740993'],
    ['0.1', '0.1000000000000000055511151231257827'],
    ['1e400', '1e401'],
    ['1e-400', '0'],
    ['1e400', '-1e400'],
    ['1', '-1'],
    ['101', '11'],
  ])('tells %s from %s', (one, other) => {
    expect(canonicalNumber(one)).not.toBe(canonicalNumber(other))
  })

  it('is equal for two numbers exactly when their values are', () => {
    fc.assert(
      fc.property(spelling(), spelling(), (one, other) => {
        expect(canonicalNumber(one) === canonicalNumber(other)).toBe(sameValue(one, other))
      }),
      { numRuns: 2_000 },
    )
  })

  it('writes a JSON number of the same value, and that again as it is', () => {
    fc.assert(
      fc.property(spelling(), (source) => {
        const canonical = canonicalNumber(source)
        expect(() => JSON.parse(canonical)).not.toThrow()
        expect(sameValue(canonical, source)).toBe(true)
        expect(canonicalNumber(canonical)).toBe(canonical)
      }),
    )
  })

  it('writes every double as JavaScript does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(canonicalNumber(JSON.stringify(value))).toBe(JSON.stringify(value))
        expect(canonicalNumber(value.toExponential())).toBe(JSON.stringify(value))
      }),
    )
  })

  it('is done with a million zeros at once', () => {
    const zeros = '0'.repeat(1_000_000)
    expect(exactDecimal(`1${zeros}1`)).toBe(`1${zeros}1`)
    expect(exactDecimal(`0.${zeros}1${zeros}`)).toBe('1e-1000001')
  })
})

/** A number in one of many spellings; small parts, so that equal values meet often. */
function spelling(): fc.Arbitrary<string> {
  return fc
    .record({
      sign: fc.constantFrom('', '-'),
      whole: fc.oneof(
        fc.constantFrom('0', '1', '10', '100', '12'),
        fc.bigInt(0n, 10n ** 22n).map(String),
      ),
      fraction: fc.constantFrom('', '.0', '.1', '.10', '.01', '.2500'),
      exponent: fc.constantFrom('', 'e0', 'E1', 'e-1', 'e+02', 'e-2', 'e330', 'e-340'),
    })
    .map(({ sign, whole, fraction, exponent }) => sign + whole + fraction + exponent)
}

/** By exact fractions, which no implementation of ours has a part in. */
function sameValue(one: string, other: string): boolean {
  const [a, b] = [fractionOf(one), fractionOf(other)]
  return a.top * b.bottom === b.top * a.bottom
}

function fractionOf(source: string): { top: bigint; bottom: bigint } {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const power = Number(exponent) - fraction.length
  const top = BigInt(whole + fraction)
  return power < 0
    ? { top, bottom: 10n ** BigInt(-power) }
    : { top: top * 10n ** BigInt(power), bottom: 1n }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUvarint, encodeUvarint } from './uvarint.ts'

describe('a uvarint', () => {
  it.each([
    [0n, '00'],
    [42n, '2a'],
    [127n, '7f'],
    [128n, '8001'],
    [300n, 'ac02'],
    [2n ** 64n - 1n, 'ffffffffffffffffff01'],
  ])('%s is %s', (number, hex) => {
    expect(Buffer.from(encodeUvarint(number)).toString('hex')).toBe(hex)
    expect(decodeUvarint(Buffer.from(hex, 'hex'))).toEqual({ number, length: hex.length / 2 })
  })

  it('is read wherever it stands, and tells where it ends', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.nat(9), (number, from) => {
        const bytes = encodeUvarint(number)
        const padded = Buffer.concat([Buffer.alloc(from, 0xff), bytes, Buffer.alloc(2, 0xff)])
        expect(decodeUvarint(padded, from)).toEqual({ number, length: bytes.length })
      }),
    )
  })

  it.each(['', '80', 'ffffffffffffffffff', 'ffffffffffffffffff02', '8080808080808080808000'])(
    'is not %j',
    (hex) => {
      expect(() => decodeUvarint(Buffer.from(hex, 'hex'))).toThrow(/cut short|exceeds 64 bits/)
    },
  )

  it.each([-1n, 2n ** 64n])('cannot say %s', (number) => {
    expect(() => encodeUvarint(number)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })
})

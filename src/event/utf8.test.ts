import fc from 'fast-check'
import { expect, it } from 'vitest'
import { characters } from '../json/fixtures/characters.ts'
import { exceedsBytes, utf8Length } from './utf8.ts'

const text = fc.string({ unit: characters(), maxLength: 50 })
const bytesOf = (any: string) => new TextEncoder().encode(any).length

it.each([
  ['', 0],
  ['a\u007f', 2],
  ['\u0080\u07ff', 4],
  ['\u0800\ud7ff\ue000\uffff', 12],
  ['😀\u{10ffff}', 8],
])('counts the bytes of %j as %i', (any, bytes) => {
  expect(utf8Length(any)).toBe(bytes)
})

it('counts the bytes that an encoder writes', () => {
  fc.assert(fc.property(text, (any) => utf8Length(any) === bytesOf(any)))
})

it('says that two texts exceed a limit exactly when their bytes do', () => {
  fc.assert(
    fc.property(text, text, fc.integer({ min: -3, max: 3 }), (one, other, off) => {
      const bytes = bytesOf(one) + bytesOf(other)
      expect(exceedsBytes(one, other, bytes + off)).toBe(off < 0)
    }),
  )
})

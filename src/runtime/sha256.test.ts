import fc from 'fast-check'
import { expect, it } from 'vitest'
import { characters } from '../json/fixtures/characters.ts'
import { portableSha256, sha256 } from './sha256.ts'

// printf … | openssl dgst -sha256 -binary | basenc --base64url
it.each([
  ['', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['abc', 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
])('SHA-256 of %j is the same everywhere', (text, hash) => {
  expect(sha256(text)).toBe(hash)
  expect(portableSha256(text)).toBe(hash)
})

it('the library gives what node:crypto gives, for lone surrogates too', () => {
  const text = fc.oneof(
    fc.string({ unit: characters(), maxLength: 300 }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  )
  fc.assert(fc.property(text, (any) => portableSha256(any) === sha256(any)))
})

it('uses node:crypto where it is', () => {
  expect(sha256).not.toBe(portableSha256)
})

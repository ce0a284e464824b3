import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventId } from '../../event/index.ts'
import { idKey, idOf, parentsKey, parentsOf } from './keys.ts'

const canonical = fc.uuid().map((id) => id as EventId)

it('a canonical UUID is its 16 bytes, and comes back', () => {
  fc.assert(
    fc.property(canonical, (id) => {
      const key = idKey(id)
      return (
        Buffer.from(key as Uint8Array).toString('hex') === id.replaceAll('-', '') &&
        idOf(key) === id
      )
    }),
  )
})

it('anything else is its text', () => {
  const almost = fc
    .tuple(canonical, fc.nat(35), fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }))
    .map(([id, at, other]) => id.slice(0, at) + other + id.slice(at + 1))
  const text = fc.oneof(
    almost,
    fc.string(),
    canonical.map((id) => id.toUpperCase()),
  )
  fc.assert(
    fc.property(
      text.filter((id) => !canonicalForm.test(id)),
      (id) => idKey(id) === id && idOf(idKey(id)) === id,
    ),
  )
})

it('a parent that is a UUID is its bytes; a list, or another text, is JSON', () => {
  const ids = fc.array(fc.oneof(canonical, fc.string() as fc.Arbitrary<EventId>), { maxLength: 4 })
  fc.assert(
    fc.property(ids, (parents) => {
      expect(parentsOf(parentsKey(parents))).toEqual(parents)
    }),
  )
})

const canonicalForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventId } from '../../event/index.ts'
import type { SqliteValue } from '../../sqlite/index.ts'
import { idColumn, idKey, idOf, parentsColumn, parentsKey, parentsOf } from './keys.ts'

const canonical = fc.uuid().map((id) => id as EventId)
const db = new DatabaseSync(':memory:')

it('a canonical UUID is its 16 bytes, and comes back', () => {
  fc.assert(
    fc.property(canonical, (id) => {
      const key = idKey(id) as Uint8Array
      return Buffer.from(key).toString('hex') === id.replaceAll('-', '') && readBack(key) === id
    }),
  )
})

it('anything else is its text, and comes back', () => {
  const almost = fc
    .tuple(canonical, fc.nat(35), fc.constantFrom('', '-', '0', 'g', 'A', '=', 'é', '0-', '€'))
    .map(([id, at, other]) => id.slice(0, at) + other + id.slice(at + 1))
  const hex = canonical.map((id) => id.replaceAll('-', '').toUpperCase())
  const text = fc.oneof(
    almost,
    hex,
    canonical.map((id) => `=${id}`),
    fc.string({ minLength: 1 }),
  )
  fc.assert(
    fc.property(
      text.filter((id) => !canonicalForm.test(id)),
      (id) => idKey(id) === id && readBack(id) === id,
    ),
  )
})

it('a parent that is a UUID is its bytes; a list, or another text, is JSON', () => {
  const ids = fc.array(fc.oneof(canonical, fc.string() as fc.Arbitrary<EventId>), { maxLength: 4 })
  fc.assert(
    fc.property(ids, (parents) => {
      const row = selectParents.get(parentsKey(parents))
      expect(parentsOf(row?.parents as SqliteValue)).toEqual(parents)
    }),
  )
})

const canonicalForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const selectId = db.prepare(`SELECT ${idColumn} FROM (SELECT ? AS id)`)
const selectParents = db.prepare(`SELECT ${parentsColumn} FROM (SELECT ? AS parents)`)

function readBack(key: string | Uint8Array): string {
  return idOf(selectId.get(key)?.id as string)
}

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { membersOf } from './members.ts'

it('cuts out each value exactly as it is written', () => {
  const text =
    ' { "a" : 12345678901234567890 ,"b":[1, {"]":"}"}], "c\\"d":"\\\\", "e":{} ,"f":-1.0e+5,"g":null } '
  expect([...(membersOf(text) as ReadonlyMap<string, string>)]).toEqual([
    ['a', '12345678901234567890'],
    ['b', '[1, {"]":"}"}]'],
    ['c"d', '"\\\\"'],
    ['e', '{}'],
    ['f', '-1.0e+5'],
    ['g', 'null'],
  ])
  expect(membersOf('{}')).toEqual(new Map())
})

it('tells of a key that comes twice, however it is written', () => {
  expect(membersOf('{"a":1,"\\u0061":2}')).toEqual({ twice: 'a' })
})

it('cuts any object into the values it was made of', async () => {
  const members = fc.dictionary(fc.string(), fc.jsonValue())
  const input = fc.record({ members, space: fc.constantFrom('', ' ', '\t') })
  await property(input, async ({ members, space }) => {
    const text = JSON.stringify(members, undefined, space)
    const expected = new Map(Object.entries(JSON.parse(text) as object))
    const cut = membersOf(text) as ReadonlyMap<string, string>
    expect(new Map([...cut].map(([key, value]) => [key, JSON.parse(value)]))).toEqual(expected)
  })
})

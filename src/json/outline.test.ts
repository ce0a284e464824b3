import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characters } from './fixtures/characters.ts'
import { elementsOf, membersOf } from './outline.ts'

const values = fc.jsonValue({ maxDepth: 4, stringUnit: characters() })
const spaces = fc.constantFrom<string | number | undefined>(undefined, 1, '\t')

describe('the outline of a JSON text', () => {
  it('has every member of an object, at its place', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: characters() }), values),
        spaces,
        (object, space) => {
          const text = JSON.stringify(object, null, space)
          const members = [...membersOf(text, 0)]
          expect(members.map(({ key }) => key)).toEqual(Object.keys(object))
          for (const { key, start, from, to } of members) {
            expect(JSON.parse(text.slice(from, to))).toEqual(
              JSON.parse(JSON.stringify(object[key])),
            )
            expect(JSON.parse(`{${text.slice(start, to)}}`)).toEqual(
              JSON.parse(JSON.stringify({ [key]: object[key] })),
            )
          }
        },
      ),
    )
  })

  it('has every element of a list, at its place', () => {
    fc.assert(
      fc.property(fc.array(values), spaces, (list, space) => {
        const text = `  ${JSON.stringify(list, null, space)}  `
        const texts = Array.from(elementsOf(text, 2), ({ from, to }) => text.slice(from, to))
        expect(texts.map((each) => JSON.parse(each))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('cuts values out exactly, repeats included', () => {
    const text = '{ "a" : 1.50 ,"a":"]}\\"," , "\\u0062":[ {} ,null ] }'
    const found = Array.from(membersOf(text, 0), ({ key, from, to }) => [key, text.slice(from, to)])
    expect(found).toEqual([
      ['a', '1.50'],
      ['a', '"]}\\","'],
      ['b', '[ {} ,null ]'],
    ])
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { SortedPaths } from './sorted-paths.ts'

const path = fc.stringMatching(/^[a-c]{1,2}(\/[a-c0-9._-]{1,2})?$/)

it('pages are those of all paths sorted, whatever came and went', async () => {
  await property(
    fc.record({
      before: fc.array(path, { maxLength: 20 }),
      rounds: fc.array(
        fc.record({
          changes: fc.array(fc.tuple(path, fc.boolean()), { maxLength: 100 }),
          prefix: fc.oneof(fc.constant(''), fc.constantFrom('a', 'a/', 'bc', 'z', '☂'), path),
          skip: fc.nat(5),
          limit: fc.integer({ min: 1, max: 9 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
    async ({ before, rounds }) => {
      const there = new Set(before)
      const sorted = new SortedPaths()
      for (const { changes, prefix, skip, limit } of rounds) {
        for (const [one, isThere] of changes) {
          if (isThere) there.add(one)
          else there.delete(one)
          sorted.set(one, isThere)
        }
        const wanted = [...there].filter((one) => one.startsWith(prefix)).toSorted()
        expect(sorted.page({ prefix, skip, limit }, () => there)).toEqual({
          paths: wanted.slice(skip, skip + limit),
          total: wanted.length,
        })
      }
    },
    300,
  )
})

it('all paths are asked for once, and sorted once', () => {
  const sorted = new SortedPaths()
  const page = { prefix: '', skip: 0, limit: 2 }
  expect(sorted.page(page, () => ['b', 'a'])).toEqual({ paths: ['a', 'b'], total: 2 })
  sorted.set('c', true)
  const never = () => {
    throw new Error('asked again')
  }
  expect(sorted.page(page, never)).toEqual({ paths: ['a', 'b'], total: 3 })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { answerTo, opening, readAnswer } from './comparison.ts'
import { comparisonSchema } from './message.ts'
import { RangeIndex } from './range-index.ts'
import { sumOfHash, sumText } from './sum.ts'

describe('a comparison', () => {
  it('finds exactly the paths that differ, whatever the two sides hold', () => {
    const seen = { equal: 0, few: 0, many: 0 }
    fc.assert(
      fc.property(
        fc.dictionary(word(), fc.nat(5), { maxKeys: 200 }),
        fc.array(fc.tuple(word(), fc.option(fc.nat(5))), { maxLength: 30 }),
        (content, changes) => {
          const here = new Map(Object.entries(content))
          const there = new Map(here)
          for (const [path, version] of changes)
            if (version === null) there.delete(path)
            else there.set(path, version)
          const differ = [...new Set([...here.keys(), ...there.keys()])].filter(
            (path) => here.get(path) !== there.get(path),
          )
          seen[differ.length === 0 ? 'equal' : differ.length < 5 ? 'few' : 'many']++
          expect(compare(indexOf(here), indexOf(there)).differ.toSorted()).toEqual(
            differ.toSorted(),
          )
        },
      ),
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0)
  })

  it('finds all of it in portions when one side has nothing, with no message without a bound (S5)', () => {
    const [here, there] = [new RangeIndex(), large(40_000)]
    let portions = 0
    for (;;) {
      const { differ, longest } = compare(here, there)
      if (differ.length === 0) break
      portions++
      expect(longest).toBeLessThan(2_000_000)
      for (const path of differ)
        for (const { sum } of there.entries({ from: path, to: `${path}\0` })) here.set(path, sum)
    }
    expect(here.size).toBe(40_000)
    expect(portions).toBeGreaterThan(1)
  })

  it('takes no message out of order, or of another form (X1)', () => {
    const good = opening(large())
    const last = [null, 0, sumText(new Uint32Array(4))]
    expect(comparisonSchema.safeParse(good).success).toBe(true)
    for (const bad of [
      [],
      [['a']],
      [['b'], ['a'], last],
      [['a'], ['a'], last],
      [[''], last],
      [[null], last],
      [['x'.repeat(1_025)], last],
      [[null, -1, last[2]]],
      [[null, 1.5, last[2]]],
      [[null, 1, 'short']],
      [[null, [['a', 'short']]]],
      [[null, 1, last[2], 'more']],
      {},
    ])
      expect(comparisonSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false)
  })

  it('of two large sets that are equal is one message of a few hundred bytes', () => {
    const { rounds, bytes } = compare(large(), large())
    expect(rounds).toBe(1)
    expect(bytes).toBeLessThan(1_500)
  })

  it('of two large sets moves about what differs, in few rounds', () => {
    const there = large()
    for (const at of [17, 18, 4_711, 9_999]) there.set(path(at), sumOf('other'))
    there.delete(path(5_000))
    there.set('items/extra', sumOf('extra'))
    const { differ, rounds, bytes } = compare(large(), there)
    expect(differ.toSorted()).toEqual(
      [...[17, 18, 4_711, 9_999, 5_000].map(path), 'items/extra'].toSorted(),
    )
    expect(rounds).toBeLessThanOrEqual(5)
    // All of the ten thousand paths with their sums are half a megabyte.
    expect(bytes).toBeLessThan(25_000)
  })
})

function compare(here: RangeIndex, there: RangeIndex) {
  const differ: string[] = []
  let rounds = 0
  let bytes = 0
  let longest = 0
  for (let message = opening(here); message.length > 0; ) {
    const answer = answerTo(there, JSON.parse(JSON.stringify(message)))
    rounds++
    bytes += JSON.stringify(message).length + JSON.stringify(answer).length
    longest = Math.max(longest, JSON.stringify(message).length, JSON.stringify(answer).length)
    expect(comparisonSchema.parse(message)).toEqual(message)
    expect(comparisonSchema.parse(answer)).toEqual(answer)
    const read = readAnswer(here, JSON.parse(JSON.stringify(answer)))
    differ.push(...read.differ)
    message = read.next
  }
  expect(new Set(differ).size).toBe(differ.length)
  return { differ, rounds, bytes, longest }
}

function indexOf(content: ReadonlyMap<string, number>): RangeIndex {
  const index = new RangeIndex()
  // As a real one does, it tells what stands where: two paths may well hold the same.
  for (const [path, version] of content) index.set(path, sumOf(`${path} ${version}`))
  return index
}

function large(size = 10_000): RangeIndex {
  const index = new RangeIndex()
  for (let at = 0; at < size; at++) index.set(path(at), sumOf(String(at)))
  return index
}

function path(at: number): string {
  return `items/${((at * 7_919) % 40_009).toString(36)}`
}

function sumOf(text: string) {
  return sumOfHash(systemRuntime.sha256(text))
}

function word(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), minLength: 1, maxLength: 6 })
}

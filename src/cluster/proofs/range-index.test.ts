import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { RangeIndex } from './range-index.ts'
import { addTo, lanes, type Sum, sumOfHash, sumText } from './sum.ts'

describe('an index of ranges', () => {
  it('counts and adds up any range as a plain list does', () => {
    let sizes = 0
    fc.assert(
      fc.property(
        fc.array(step(), { maxLength: 60 }),
        fc.array(word(), { maxLength: 8 }),
        (steps, bounds) => {
          const { index, model } = both(steps)
          sizes += model.size
          expect(index.size).toBe(model.size)
          const paths = [...model.keys()].sort()
          for (const [rank, path] of paths.entries()) {
            expect(index.rank(index.place(path))).toBe(rank)
            expect(index.after(index.placeAt(rank))).toBe(path)
          }
          expect(index.after(index.placeAt(paths.length))).toBeUndefined()
          for (const from of ['', ...bounds])
            for (const to of [...bounds, undefined]) {
              const within = paths.filter((path) => path >= from && (to === undefined || path < to))
              if (to !== undefined && to < from) continue
              const { count, sum } = index.measure({ from, to })
              expect(count).toBe(within.length)
              expect(sumText(sum)).toBe(
                sumText(total(within.map((path) => model.get(path) as Sum))),
              )
              expect(Array.from(index.entries({ from, to }), ({ path }) => path)).toEqual(within)
            }
        },
      ),
    )
    expect(sizes).toBeGreaterThan(0)
  })

  it('stays right when blocks are split and given up', () => {
    const index = new RangeIndex()
    const model = new Map<string, Sum>()
    const path = (at: number) => `p/${((at * 7_919) % 10_007).toString().padStart(5, '0')}`
    const agrees = () => {
      const paths = [...model.keys()].sort()
      expect(index.size).toBe(model.size)
      for (let at = 0; at < paths.length; at += 997) {
        const range = { from: paths[at] as string, to: paths[at + 500] }
        const within = paths.slice(at, range.to === undefined ? undefined : at + 500)
        expect(index.rank(index.place(range.from))).toBe(at)
        expect(sumText(index.measure(range).sum)).toBe(
          sumText(total(within.map((each) => model.get(each) as Sum))),
        )
      }
    }
    for (let at = 0; at < 10_007; at++) {
      const sum = hashOf(String(at))
      index.set(path(at), sum)
      model.set(path(at), sum)
      if (at % 2_500 === 0) agrees()
    }
    agrees()
    for (let at = 0; at < 10_000; at++) {
      expect(index.delete(path(at))).toBe(true)
      model.delete(path(at))
      if (at % 2_500 === 0) agrees()
    }
    agrees()
    expect(index.delete(path(1))).toBe(false)
  })

  it('that was cleared holds what came since', () => {
    const index = new RangeIndex()
    for (let at = 0; at < 2_000; at++) index.set(`p/${at}`, hashOf(String(at)))
    index.measure({ from: '', to: undefined })
    index.clear()
    expect(index.measure({ from: '', to: undefined })).toEqual({ count: 0, sum: total([]) })
    const sums = Array.from({ length: 1_000 }, (_, at) => hashOf(`later ${at}`))
    for (const [at, sum] of sums.entries()) index.set(`p/${at}`, sum)
    const { count, sum } = index.measure({ from: '', to: undefined })
    expect(count).toBe(1_000)
    expect(sumText(sum)).toBe(sumText(total(sums)))
  })
})

describe('a sum', () => {
  it('is written as the first 128 bits of the hash it was made of', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = systemRuntime.sha256(text)
        expect(sumText(sumOfHash(hash)).slice(0, 21)).toBe(hash.slice(0, 21))
      }),
    )
  })
})

type Step = { readonly path: string; readonly content: number | undefined }

function step(): fc.Arbitrary<Step> {
  return fc.record({ path: word(), content: fc.option(fc.nat(), { nil: undefined }) })
}

function word(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 })
}

function both(steps: readonly Step[]) {
  const index = new RangeIndex()
  const model = new Map<string, Sum>()
  for (const { path, content } of steps)
    if (content === undefined) expect(index.delete(path)).toBe(model.delete(path))
    else {
      const sum = hashOf(String(content))
      index.set(path, sum)
      model.set(path, sum)
      // In between, so that what is added up once is used again.
      if (content % 3 === 0) index.measure({ from: path, to: undefined })
    }
  return { index, model }
}

function hashOf(text: string): Sum {
  return sumOfHash(systemRuntime.sha256(text))
}

function total(sums: readonly Sum[]): Sum {
  const sum = new Uint32Array(lanes)
  for (const each of sums) addTo(sum, each)
  return sum
}

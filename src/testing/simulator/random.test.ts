import { describe, expect, it } from 'vitest'
import { seededRandom, xoshiro128 } from './random.ts'

const draws = (random: { next(): number }, count = 20) =>
  Array.from({ length: count }, () => random.next())

describe('seeded random numbers', () => {
  it('are those of the reference implementation of xoshiro128**', () => {
    const draw = xoshiro128([1, 2, 3, 4])
    const known = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849]
    expect(known.map(() => draw())).toEqual(known)
  })

  it('are a function of the seed', () => {
    expect(draws(seededRandom(1))).toEqual(draws(seededRandom('1')))
    expect(draws(seededRandom(1))).not.toEqual(draws(seededRandom(2)))
  })

  it('of a fork do not depend on what was drawn elsewhere', () => {
    const quiet = seededRandom(7)
    const busy = seededRandom(7)
    draws(busy)
    draws(busy.fork('network'))
    expect(draws(busy.fork('disk'))).toEqual(draws(quiet.fork('disk')))
    expect(draws(quiet.fork('disk'))).not.toEqual(draws(quiet.fork('network')))
    expect(draws(quiet.fork('a').fork('b'))).not.toEqual(draws(quiet.fork('b').fork('a')))
  })

  it('fall evenly over a range, both ends included', () => {
    const random = seededRandom(3)
    const seen = new Map<number, number>()
    for (let at = 0; at < 6000; at++) {
      const value = random.int(-1, 4)
      seen.set(value, (seen.get(value) ?? 0) + 1)
    }
    expect([...seen.keys()].sort((one, other) => one - other)).toEqual([-1, 0, 1, 2, 3, 4])
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('make waits of the mean asked for, and chances of the probability asked for', () => {
    const random = seededRandom(4)
    const waits = Array.from({ length: 20_000 }, () => random.exponential(50))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
    expect(Math.abs(waits.reduce((sum, wait) => sum + wait, 0) / waits.length - 50)).toBeLessThan(2)
    const hits = Array.from({ length: 20_000 }, () => random.chance(0.2)).filter(Boolean).length
    expect(Math.abs(hits / 20_000 - 0.2)).toBeLessThan(0.02)
  })

  it('pick from a list, and refuse an empty one', () => {
    const random = seededRandom(5)
    expect(new Set(Array.from({ length: 50 }, () => random.pick(['a', 'b', 'c'])))).toEqual(
      new Set(['a', 'b', 'c']),
    )
    expect(() => random.pick([])).toThrow(RangeError)
  })

  it('fill bytes', () => {
    expect(seededRandom(6).bytes(16)).toEqual(seededRandom(6).bytes(16))
    expect(new Set(seededRandom(6).bytes(4096)).size).toBe(256)
  })
})

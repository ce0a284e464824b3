import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HybridClock } from './hybrid-clock.ts'
import { latestUsableStamp, stampOf } from './stamp.ts'

const second = 1_000
const hour = 3_600_000
const noon = Date.UTC(2026, 5, 1, 12)

describe('ticks', () => {
  it('follow the wall clock when it goes on', () => {
    const { clock, wall } = clockAt(noon)
    expect(clock.tick()).toBe(stampOf(noon))
    wall.now += 5
    expect(clock.tick()).toBe(stampOf(noon + 5))
    expect(clock.last).toBe(stampOf(noon + 5))
  })

  it('count single nanoseconds while the wall clock stands still or goes back', () => {
    const { clock, wall } = clockAt(noon)
    clock.tick()
    expect(clock.tick()).toBe(stampOf(noon) + 1n)
    wall.now -= hour
    expect(clock.tick()).toBe(stampOf(noon) + 2n)
  })

  it('always increase, under any jumps of the clock and whatever is seen or replaced', () => {
    fc.assert(
      fc.property(fc.array(step(), { maxLength: 100 }), (steps) => {
        const { clock, wall } = clockAt(noon)
        let last = clock.last
        let own = 0n
        for (const { kind, by } of steps) {
          if (kind === 'jump') wall.now = Math.min(wall.now + by, Date.UTC(2160))
          const far = stampOf(Math.max(0, wall.now + by))
          if (kind === 'observe') clock.observe(far)
          if (kind === 'resume') clock.resume(far)
          expect(clock.last).toBeGreaterThanOrEqual(last)
          last = clock.last
          if (kind === 'replace') {
            const stamp = clock.tick(far)
            expect(stamp).toBeGreaterThan(far)
            // Above what it replaces, and not one nanosecond further than need be.
            expect(stamp).toBe(clock.last > far ? clock.last : far + 1n)
          }
          if (kind !== 'tick') continue
          const tick = clock.tick()
          expect(tick).toBeGreaterThan(own)
          expect(tick).toBe(clock.last)
          own = tick
        }
      }),
    )
  })

  it('go on above what was kept, after a restart', () => {
    const kept = stampOf(noon + hour)
    const { clock } = clockAt(noon, kept)
    expect(clock.last).toBe(kept)
    expect(clock.tick()).toBe(kept + 1n)
  })

  it('take up another process on the same store, and never go back for it', () => {
    const { clock } = clockAt(noon)
    clock.resume(stampOf(noon + hour))
    expect(clock.tick()).toBe(stampOf(noon + hour) + 1n)
    clock.resume(stampOf(noon))
    expect(clock.tick()).toBe(stampOf(noon + hour) + 2n)
  })
})

describe('a write over another', () => {
  it('is stamped above it without dragging the clock along', () => {
    const { clock } = clockAt(noon)
    const wrong = stampOf(noon + 24 * hour)
    expect(clock.tick(wrong)).toBe(wrong + 1n)
    expect(clock.last).toBe(stampOf(noon))
    expect(clock.tick(clock.last)).toBe(stampOf(noon) + 1n)
  })

  it('is refused beyond the year 2200, and the clock has not moved', () => {
    const { clock, wall } = clockAt(noon)
    const before = clock.tick()
    expect(() => clock.tick(latestUsableStamp)).toThrow(
      expect.objectContaining({ code: 'clock', retryable: true }),
    )
    // It is not this device that has to be set right.
    expect(() => clock.tick(latestUsableStamp)).toThrow(/nothing can be written above it/)
    wall.now = Date.UTC(2200, 0, 1) + 1
    expect(() => clock.tick()).toThrow(expect.objectContaining({ code: 'clock' }))
    expect(() => clock.tick()).toThrow(/set the device to the right time/)
    expect(clock.last).toBe(before)
    wall.now = noon
    expect(clock.tick()).toBe(before + 1n)
    expect(clock.tick(latestUsableStamp - 1n)).toBe(latestUsableStamp)
  })
})

describe('observing', () => {
  it('follows a stamp up to the bound of 60 s ahead, no further', () => {
    const { clock } = clockAt(noon)
    clock.observe(stampOf(noon + 30 * second))
    expect(clock.last).toBe(stampOf(noon + 30 * second))
    clock.observe(stampOf(noon + 24 * hour))
    expect(clock.last).toBe(stampOf(noon + 60 * second))
    clock.observe(latestUsableStamp * 2n)
    expect(clock.last).toBe(stampOf(noon + 60 * second))
  })

  it('takes no notice of the past', () => {
    const { clock } = clockAt(noon)
    const last = clock.tick()
    clock.observe(last - 1n)
    clock.observe(-1n)
    expect(clock.last).toBe(last)
  })

  it('goes by the limits it was given, and by the usual ones for the rest', () => {
    const { clock } = clockAt(noon, 0n, { bound: 2 * second })
    clock.observe(stampOf(noon + hour))
    expect(clock.last).toBe(stampOf(noon + 2 * second))
    expect(clock.limits).toEqual({ bound: 2 * second, warn: 5 * second, quarantine: 24 * hour })
  })
})

describe('judging a stamp', () => {
  it.each([
    ['fine', -24 * hour * 365 * 50],
    ['fine', 0],
    ['fine', 5 * second - 1],
    ['ahead', 5 * second],
    ['ahead', 24 * hour - 1],
    ['quarantine', 24 * hour],
    ['quarantine', 24 * hour * 365 * 100],
    ['unusable', 24 * hour * 365 * 200],
  ])('calls it %s at %i ms from the wall clock', (skew, ahead) => {
    expect(clockAt(noon).clock.judge(stampOf(noon + ahead))).toBe(skew)
  })

  it('draws the last line exactly at the year 2200, also for a clock that is there', () => {
    const { clock } = clockAt(Date.UTC(2200, 0, 1))
    expect(clock.judge(latestUsableStamp)).toBe('fine')
    expect(clock.judge(latestUsableStamp + 1n)).toBe('unusable')
  })

  it('never moves the clock', () => {
    const { clock } = clockAt(noon)
    clock.judge(stampOf(noon + hour))
    expect(clock.last).toBe(0n)
  })
})

describe('one wrong clock in a fleet (T5)', () => {
  it('leads the others by the bound at most, for as long as its writes are replaced and seen', () => {
    const delta = fc.record({
      who: fc.nat(3),
      by: fc.integer({ min: 0, max: 10_000 }),
      skew: fc.integer({ min: -24 * hour, max: 24 * hour }),
    })
    fc.assert(
      fc.property(fc.array(delta, { minLength: 1, maxLength: 60 }), (writes) => {
        const wall = { now: noon }
        const wrong = { now: 0 }
        const good = [0, 1, 2].map(() => new HybridClock({ now: () => wall.now }))
        const bad = new HybridClock({ now: () => wrong.now })
        let shared = 0n
        for (const { who, by, skew } of writes) {
          wall.now += by
          wrong.now = wall.now + skew
          const clock = good[who] ?? bad
          const before = shared
          shared = clock.tick(shared)
          expect(shared).toBeGreaterThan(before)
          for (const each of [...good, bad]) each.observe(shared)
          // What nobody wrote over yet is stamped near the true time by every good node.
          const bound = stampOf(wall.now + 60 * second) + BigInt(writes.length)
          for (const each of good) expect(each.tick()).toBeLessThanOrEqual(bound)
        }
      }),
    )
  })

  it('does not win for ever: who replaces its write wins, however far ahead it was', () => {
    const bad = clockAt(noon + 23 * hour).clock
    const good = clockAt(noon).clock
    const wrong = bad.tick()
    good.observe(wrong)
    const right = good.tick(wrong)
    expect(right).toBeGreaterThan(wrong)
    expect(good.tick()).toBeLessThanOrEqual(stampOf(noon + 60 * second) + 2n)
  })
})

describe('T5: warnings of stamps that are ahead', () => {
  it('are one a minute, and say how many others there were', () => {
    const { clock, wall } = clockAt(noon)
    expect(clock.warning()).toEqual({ others: 0 })
    for (let count = 0; count < 3; count++) expect(clock.warning()).toBeUndefined()
    wall.now += 60 * second
    expect(clock.warning()).toEqual({ others: 3 })
    wall.now += 59 * second
    expect(clock.warning()).toBeUndefined()
  })

  it('are not kept back for as long as the wall clock was ahead', () => {
    const { clock, wall } = clockAt(noon + hour)
    clock.warning()
    wall.now -= hour
    expect(clock.warning()).toEqual({ others: 0 })
  })
})

function clockAt(now: number, last = 0n, limits = {}) {
  const wall = { now }
  return { wall, clock: new HybridClock({ now: () => wall.now }, limits, last) }
}

function step() {
  const decades = 30 * 365 * 24 * hour
  return fc.record({
    kind: fc.constantFrom('jump', 'tick', 'observe', 'resume', 'replace'),
    by: fc.oneof(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -decades, max: decades })),
  })
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from './runtime.ts'
import { uuidv7 } from './uuid.ts'

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('uuidv7', () => {
  it('gives canonical version 7 ids that hold the time', () => {
    const next = uuidv7({
      now: () => 0x0199abcdef01 + 0.75,
      randomBytes: systemRuntime.randomBytes,
    })
    const id = next()
    expect(id).toMatch(form)
    expect(id.startsWith('0199abcd-ef01-7')).toBe(true)
  })

  it('puts every random bit where RFC 9562 has it', () => {
    const ids = [0x00, 0xff].map((byte) =>
      uuidv7({ now: () => 1, randomBytes: (length) => new Uint8Array(length).fill(byte) })(),
    )
    expect(ids).toEqual([
      '00000000-0001-7000-8000-000000000000',
      // The counter's highest bit is left clear, so that it has room to count.
      '00000000-0001-77ff-bfff-ffffffffffff',
    ])
  })

  it('increases from id to id, also within a millisecond and when the clock jumps', () => {
    const year = 365 * 24 * 60 * 60_000
    const step = fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 2, noNaN: true }),
      fc.integer({ min: -year, max: year }),
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
        let now = 1_759_000_000_000
        const next = uuidv7({ now: () => now, randomBytes: systemRuntime.randomBytes })
        let last = ''
        for (const by of steps) {
          now += by
          const id = next()
          expect(id).toMatch(form)
          expect(id > last).toBe(true)
          last = id
        }
      }),
    )
  })

  it('goes on with the next millisecond when the counter is full', () => {
    const next = uuidv7({ now: () => 1_000, randomBytes: systemRuntime.randomBytes })
    const ids = Array.from({ length: 10_000 }, next)
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
    expect(Number.parseInt(ids.at(-1)?.slice(0, 13).replace('-', '') ?? '', 16)).toBeLessThan(1_005)
  })

  it('never gives two sources the same id', () => {
    const sources = Array.from({ length: 50 }, () => uuidv7(systemRuntime))
    const ids = sources.flatMap((next) => Array.from({ length: 200 }, next))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characters } from '../json/fixtures/characters.ts'
import {
  type Cursor,
  cursorOf,
  parseCursor,
  type ScanPoint,
  start,
  underFilter,
  unread,
} from './cursor.ts'
import type { Position } from './position.ts'

const mark = 'AZaz09-_AZaz09-_'
const maxPosition = 2n ** 63n - 1n

describe('a cursor', () => {
  it('says again what it was made of', () => {
    fc.assert(
      fc.property(point(), (any) => {
        expect(parseCursor(cursorOf(any))).toEqual(any)
      }),
    )
  })

  it('is the same text for the same point only', () => {
    fc.assert(
      fc.property(point(), point(), (one, other) => {
        const same =
          one.mark === other.mark &&
          one.position === other.position &&
          one.filter === other.filter &&
          one.read === other.read
        expect(cursorOf(one) === cursorOf(other)).toBe(same)
      }),
    )
  })

  it.each([
    [`${mark}.0.`, 0n, ''],
    [`${mark}.17.fp`, 17n, 'fp'],
    [`${mark}.${maxPosition}.${'f'.repeat(43)}`, maxPosition, 'f'.repeat(43)],
  ])('%s is one', (text, position, filter) => {
    expect(parseCursor(text)).toEqual({ mark, position, filter })
  })

  it('under a changed filter says what it has seen, and what it has read of that', () => {
    const [seen, fresh] = [`${mark}.17.fp` as Cursor, `${mark}.17.other.0` as Cursor]
    expect(underFilter(seen, 'fp')).toBe(seen)
    expect(underFilter(seen, 'other')).toBe(fresh)
    expect(underFilter(fresh, 'other')).toBe(fresh)
    expect(underFilter(start, 'other')).toBe(start)
    expect(parseCursor(fresh)).toEqual({ mark, position: 17n, filter: 'other', read: 0n })
    expect(parseCursor(underFilter(`${mark}.17.other.5` as Cursor, ''))?.read).toBe(0n)
  })

  it('to begin from has read nothing, in a log that goes up to its end', () => {
    for (const filter of ['fp', 'other', ''])
      expect(unread(`${mark}.17.fp` as Cursor, filter)).toBe(`${mark}.17.${filter}.0`)
    expect(unread(`${mark}.0.` as Cursor, 'fp')).toBe(`${mark}.0.fp`)
    for (const end of [start, 'of another kind' as Cursor]) expect(unread(end, 'fp')).toBe(start)
  })

  it.each([
    [start],
    ['.'],
    ['..'],
    [`${mark}.1`],
    [`${mark.slice(1)}.1.`],
    [`${mark}x.1.`],
    [`${mark.slice(1)}+.1.`],
    [`${mark}..`],
    [`${mark}.01.`],
    [`${mark}.-1.`],
    [`${mark}.+1.`],
    [`${mark}.1.5.`],
    [`${mark}.1e3.`],
    [`${mark}.0x1.`],
    [`${mark}.١.`],
    [`${mark}.${maxPosition + 1n}.`],
    [`${mark}.${'9'.repeat(19)}.`],
    [`${mark}.${'1'.repeat(20)}.`],
    [`${mark}.1.${'f'.repeat(44)}`],
    [`${mark}.1.f f`],
    [`${mark}.1.f.`],
    [`${mark}.1.f.1`],
    [`${mark}.1.f.2`],
    [`${mark}.9.f.01`],
    [`${mark}.9.f.1.1`],
    [`${mark}.1.é`],
    [`${mark}.1.\n`],
    [`\n${mark}.1.`],
    [` ${mark}.1.`],
  ])('%j is none', (text) => {
    expect(parseCursor(text)).toBeUndefined()
  })

  it('is read only when it is written as we would write it, whatever comes in (X1)', () => {
    const near = fc
      .tuple(point(), fc.nat(), fc.string({ unit: characters(), maxLength: 2 }))
      .map(([any, place, put]) => {
        const text = cursorOf(any)
        const at = place % text.length
        return text.slice(0, at) + put + text.slice(at + 1)
      })
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: characters() })), (text) => {
        const read = parseCursor(text)
        if (read === undefined) return
        expect(cursorOf(read)).toBe(text)
        expect(read.position >= 0n && read.position <= maxPosition).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

function point(): fc.Arbitrary<ScanPoint> {
  const word = (constraints: fc.StringConstraints) =>
    fc.string({ unit: fc.constantFrom(...'ABYZabyz0189-_'), ...constraints })
  return fc
    .record({
      mark: word({ minLength: 16, maxLength: 16 }),
      position: fc
        .oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, maxPosition), fc.constant(maxPosition))
        .map((position) => position as Position),
      filter: word({ maxLength: 43 }),
      behind: fc.option(fc.bigInt(1n, 20n)),
    })
    .map(({ behind, ...rest }) => {
      const read = rest.position - (behind ?? 0n)
      return { ...rest, ...(behind !== null && read >= 0n && { read: read as Position }) }
    })
}

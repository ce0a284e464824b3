import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Conflict, Resolution } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { effectiveHistory } from '../effective-history.ts'
import { eventWith, histories } from '../fixtures/histories.ts'
import { defineRules } from '../rules/define-rules.ts'
import { isEqual, withFields } from './fields.ts'
import { additive, customResolver, firstWriteWins, lastWriteWins, manualReview } from './keep.ts'
import { mergeFields } from './merge-fields.ts'

describe('of two branches,', () => {
  // l1 ── l2 (late), r1 (between): the left begins first and ends last.
  const conflict = conflictOf([
    eventWith({ id: 'l1', stamp: 1 }),
    eventWith({ id: 'r1', stamp: 2 }),
    eventWith({ id: 'l2', stamp: 3, parents: ['l1'] }),
  ])

  it('additive keeps both', () => {
    expect(additive().resolve(conflict)).toEqual({ kind: 'keep', winners: [0, 1] })
  })

  it('last write wins keeps the one that ends last', () => {
    expect(kept(lastWriteWins().resolve(conflict), conflict)).toEqual(['l1', 'l2'])
  })

  it('first write wins keeps the one that begins first', () => {
    expect(kept(firstWriteWins().resolve(conflict), conflict)).toEqual(['l1', 'l2'])
    const late = conflictOf([
      eventWith({ id: 'l1', stamp: 2 }),
      eventWith({ id: 'r1', stamp: 1 }),
      eventWith({ id: 'l2', stamp: 3, parents: ['l1'] }),
    ])
    expect(kept(firstWriteWins().resolve(late), late)).toEqual(['r1'])
  })

  it('review leaves it to a person, and says why', () => {
    expect(manualReview().resolve(conflict)).toEqual({
      kind: 'review',
      reason: 'manual review required',
    })
    expect(manualReview({ reason: 'money' }).resolve(conflict)).toMatchObject({ reason: 'money' })
  })

  it('a custom one does what its function says', () => {
    const longest = customResolver('longest', ({ branches }) => {
      const lengths = branches.map(({ events }) => events.length)
      return { kind: 'keep', winners: [lengths.indexOf(Math.max(...lengths))] }
    })
    expect(longest.name).toBe('longest')
    expect(kept(longest.resolve(conflict), conflict)).toEqual(['l1', 'l2'])
  })
})

it('first write wins takes, of branches that begin together, the one that ends first', () => {
  // r1 is concurrent with all; m1 and m2 share s.
  const conflict = conflictOf([
    eventWith({ id: 's', stamp: 1 }),
    eventWith({ id: 'r1', stamp: 2 }),
    eventWith({ id: 'm2', stamp: 3, parents: ['s'] }),
    eventWith({ id: 'm1', stamp: 4, parents: ['s'] }),
  ])
  expect(kept(firstWriteWins().resolve(conflict), conflict)).toEqual(['s', 'm2'])
})

describe('a merge of fields', () => {
  it('takes from each branch what it changed', () => {
    expect(merged({ a: 1, b: 1, c: 1 }, [{ a: 2 }], [{ b: 3 }])).toEqual({
      data: { a: 2, b: 3, c: 1 },
      reasons: [],
    })
  })

  it('knows a field that is written as it was from one that is changed', () => {
    // Whole states, as many applications write them.
    const { data, reasons } = merged({ a: 1, b: 1 }, [{ a: 5, b: 1 }], [{ a: 1, b: 7 }])
    expect(data).toEqual({ a: 5, b: 7 })
    expect(reasons).toEqual([])
  })

  it('merges objects in depth, and takes lists as values', () => {
    const base = { at: { city: 'Rome', zip: 1 }, tags: ['a'] }
    const { data } = merged(
      base,
      [{ at: { zip: 2 }, tags: ['a', 'b'] }],
      [{ at: { city: 'Oslo' } }],
    )
    expect(data).toEqual({ at: { city: 'Oslo', zip: 2 }, tags: ['a', 'b'] })
  })

  it('merges objects that both branches brought', () => {
    const { data, reasons } = merged({}, [{ at: { zip: 2 } }], [{ at: { city: 'Oslo' } }])
    expect(data).toEqual({ at: { zip: 2, city: 'Oslo' } })
    expect(reasons).toEqual([])
  })

  it('lets the last write of a field win, and says so', () => {
    // The left branch ends last, but its write of a is the earlier one.
    const conflict = conflictOf([
      eventWith({ id: 'base', data: { a: 0, b: 0 } }),
      eventWith({ id: 'l1', parents: ['base'], stamp: 1, data: { a: 1 } }),
      eventWith({ id: 'r1', parents: ['base'], stamp: 2, data: { a: 2 } }),
      eventWith({ id: 'l2', parents: ['l1'], stamp: 3, data: { b: 1 } }),
    ])
    expect(mergeFields().resolve(conflict)).toEqual({
      kind: 'merge',
      data: { a: 2, b: 1 },
      reasons: ['field a was set by branches 1, 2; the last write is of branch 1'],
    })
  })

  it('does not call a collision what one branch knew and changed again', () => {
    const conflict = conflictOf([
      eventWith({ id: 's', stamp: 1, data: { a: 1 } }),
      eventWith({ id: 'r', stamp: 2, data: { z: 1 } }),
      eventWith({ id: 'm1', stamp: 3, parents: ['s'], data: { a: 2 } }),
      eventWith({ id: 'm2', stamp: 4, parents: ['s'], data: { b: 1 } }),
    ])
    expect(mergeFields().resolve(conflict)).toEqual({
      kind: 'merge',
      data: { a: 2, z: 1, b: 1 },
      reasons: [],
    })
  })

  it('takes equal changes for one', () => {
    expect(merged({ a: 1 }, [{ a: { x: 1, y: 2 } }], [{ a: { y: 2, x: 1 } }])).toEqual({
      data: { a: { x: 1, y: 2 } },
      reasons: [],
    })
  })

  it('takes an object and something else for a collision', () => {
    const { data, reasons } = merged({ a: { b: 1 } }, [{ a: { b: 2 } }], [{ a: 'gone' }])
    expect(data).toEqual({ a: 'gone' })
    expect(reasons).toEqual(['field a was set by branches 1, 2; the last write is of branch 2'])
  })

  it('keeps null, which is a value', () => {
    expect(merged({ a: 1, b: 1 }, [{ a: null }], [{ b: 2 }]).data).toEqual({ a: null, b: 2 })
  })

  it('takes data that is no object as one value', () => {
    expect(merged(undefined, ['left'], [['right']])).toEqual({
      data: ['right'],
      reasons: ['the data was set by branches 1, 2; the last write is of branch 2'],
    })
  })

  it('makes a field even of names that objects have', () => {
    const proto = JSON.parse('{"__proto__":{"x":1},"constructor":2}')
    const { data } = merged({ a: 1 }, [proto], [{ b: 1 }])
    expect(JSON.stringify(data)).toBe('{"a":1,"__proto__":{"x":1},"constructor":2,"b":1}')
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('tells a name with a dot from a way', () => {
    const { reasons } = merged({}, [{ 'a.b': { c: 1 } }], [{ 'a.b': { c: 2 } }])
    expect(reasons?.[0]).toContain('field "a.b".c was')
  })

  it('equals a fold in effective order where each field is written by one branch', () => {
    const fields = fc.dictionary(fc.constantFrom('x', 'y'), fc.jsonValue({ maxDepth: 1 }))
    fc.assert(
      fc.property(fields, fc.array(fields), fc.array(fields), (base, left, right) => {
        const sides = [left.map((data) => ({ l: data })), right.map((data) => ({ r: data }))]
        fc.pre(left.length > 0 && right.length > 0)
        const { data, reasons } = merged({ l: base, r: base }, sides[0]!, sides[1]!)
        const expected = [...sides[0]!, ...sides[1]!].reduce<unknown>(withFields, {
          l: base,
          r: base,
        })
        expect(isEqual(data, expected)).toBe(true)
        expect(reasons).toEqual([])
      }),
    )
  })

  it('gives a field what its last write says, when nothing is ever written back', () => {
    const rules = defineRules({ fallback: 'merge-fields' })
    let checked = 0
    fc.assert(
      fc.property(histories(), (events) => {
        // Each write is of a value that nobody else writes.
        const unique = events.map((event) =>
          event.stub === null && event.type === 'A'
            ? eventWith({ ...partsOf(event), data: mapped(event.data, event.id) })
            : event,
        )
        for (const { conflict, resolution } of effectiveHistory(unique, rules).conflicts) {
          if (resolution.kind !== 'merge' || conflict.key !== 'A') continue
          const known = conflict.base.map(({ data }) => data)
          const naive = [...known, ...conflict.events.map(({ data }) => data)]
          expect(isEqual(resolution.data, naive.reduce(withFields))).toBe(true)
          checked++
        }
      }),
      { numRuns: 200 },
    )
    expect(checked).toBeGreaterThan(100)
  })
})

/** The one conflict among these events. */
function conflictOf(events: readonly LogEvent[]): Conflict {
  const { conflicts } = effectiveHistory(events)
  expect(conflicts).toHaveLength(1)
  return conflicts[0]!.conflict
}

/** A merge of two branches, each a row of data, the second written after the first. */
function merged(base: unknown, left: readonly unknown[], right: readonly unknown[]) {
  const line = (side: string, start: number, all: readonly unknown[]) =>
    all.map((data, at) =>
      eventWith({
        id: side + at,
        stamp: start + at,
        data,
        parents: at === 0 ? (base === undefined ? [] : ['base']) : [side + (at - 1)],
      }),
    )
  const below = base === undefined ? [] : [eventWith({ id: 'base', data: base })]
  const events = [...below, ...line('l', 1, left), ...line('r', 1_000, right)]
  const resolution = mergeFields().resolve(conflictOf(events))
  if (resolution.kind !== 'merge') throw new Error(`not merged: ${resolution.kind}`)
  const { data, reasons } = resolution
  return { data, reasons }
}

function kept(resolution: Resolution, { branches }: Conflict): readonly string[] {
  if (resolution.kind !== 'keep') throw new Error(`nothing kept: ${resolution.kind}`)
  return resolution.winners.flatMap((at) => branches[at]!.events.map(({ id }) => id as string))
}

function mapped(data: unknown, id: string): unknown {
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.keys(data).map((name) => [name, `${name} of ${id}`]))
}

function partsOf({ id, parents, stamp, type, origin, sequence }: LogEvent) {
  const node = origin === null ? null : origin.slice(0, origin.indexOf('~'))
  return { id, parents, stamp: Number(stamp), type, origin: node, sequence: Number(sequence) }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Conflict } from '../../contracts/index.ts'
import { effectiveHistory } from '../effective-history.ts'
import { twoBranches } from '../fixtures/conflicts.ts'
import { eventWith } from '../fixtures/histories.ts'
import { defineRules } from './define-rules.ts'
import { excludes, fits, isWithin } from './pattern.ts'
import type { When } from './when.ts'

const conflict = twoBranches(
  { data: { name: 'Ann', at: { city: 'Rome' } }, metadata: { user: 'u1', urgent: true } },
  { data: { age: 31 }, metadata: { user: 'u2' }, origin: 'tablet-7' },
  { base: { name: 'A', age: 30, at: { city: 'Oslo', zip: 1 } }, aggregateId: 'user-42' },
)

describe('a condition', () => {
  it.each<[boolean, When]>([
    [true, 'always'],
    [true, { type: 'A' }],
    [true, { type: ['A', 'B'] }],
    [false, { type: 'B' }],
    [true, { aggregate: 'user-42' }],
    [true, { aggregate: 'user-*' }],
    [false, { aggregate: 'user' }],
    [false, { aggregate: ['order-*', 'user-'] }],
    [true, { field: 'name' }],
    [true, { field: ['nothing', 'age'] }],
    [true, { field: 'at' }],
    [true, { field: 'at.city' }],
    [true, { field: 'at.city.street' }],
    [false, { field: 'at.zip' }],
    [false, { field: 'nam' }],
    [true, { metadata: { user: 'u2' } }],
    [true, { metadata: { user: 'u1', urgent: true } }],
    [false, { metadata: { user: 'u2', urgent: true } }],
    [false, { metadata: { urgent: 'true' } }],
    [false, { metadata: { constructor: null } }],
    [true, { origin: 'l' }],
    [true, { origin: 'tablet-*' }],
    [false, { origin: 'tablet' }],
    [true, { relation: 'separate' }],
    [false, { relation: ['equal', 'colliding'] }],
    [true, { and: ['always', { type: 'A' }] }],
    [false, { and: ['always', { type: 'B' }] }],
    [true, { or: [{ type: 'B' }, { field: 'name' }] }],
    [false, { or: [{ type: 'B' }, { not: 'always' }] }],
    [true, { not: { type: 'B' } }],
    [true, { type: 'A', field: 'age', not: { aggregate: 'order-*' } }],
    [false, { type: 'A', field: 'age', not: { aggregate: 'user-*' } }],
    [true, { custom: 'big' }],
  ])('is %s of it: %j', (expected, when) => {
    expect(holdsFor(when, conflict)).toBe(expected)
  })

  it('on types wants all events of them', () => {
    const mixed = effectiveHistory(
      [eventWith({ id: '1', type: 'A' }), eventWith({ id: '2', type: 'B' })],
      defineRules({ conflictKey: 'aggregate' }),
    ).conflicts[0]!.conflict
    expect(holdsFor({ type: 'A' }, mixed)).toBe(false)
    expect(holdsFor({ type: ['A', 'B'] }, mixed)).toBe(true)
  })

  it('on the relation tells equal, separate and colliding', () => {
    const relationOf = (left: unknown, right: unknown) => {
      const conflict = twoBranches({ data: left }, { data: right }, { base: { a: 0, b: 0 } })
      return (['equal', 'separate', 'colliding'] as const).filter((relation) =>
        holdsFor({ relation }, conflict),
      )
    }
    expect(relationOf({ a: 1 }, { a: 1 })).toEqual(['equal'])
    expect(relationOf({ a: 1 }, { a: 1, b: 2 })).toEqual(['separate'])
    expect(relationOf({ a: 1 }, { b: 1 })).toEqual(['separate'])
    expect(relationOf({ a: 1 }, { a: 2 })).toEqual(['colliding'])
    expect(relationOf({ a: 0 }, { b: 0 })).toEqual(['equal'])
  })
})

describe('a pattern', () => {
  it.each([
    ['', '*', true],
    ['abc', 'a*c', true],
    ['ac', 'a*c', true],
    ['abcb', 'a*c', false],
    ['aba', 'aba*aba', false],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['xaybz', '*a*b*', true],
    ['xbyaz', '*a*b*', false],
  ])('%j fits %j: %s', (text, pattern, expected) => {
    expect(fits(text, pattern)).toBe(expected)
  })

  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 5 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 })

  it('fits what a regular expression of it fits', () => {
    fc.assert(
      fc.property(text, pattern, (text, pattern) => {
        expect(fits(text, pattern)).toBe(
          new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('within another, or excluding it, is so for every text', () => {
    let within = 0
    let excluding = 0
    fc.assert(
      fc.property(
        pattern,
        pattern,
        fc.array(text, { minLength: 20, maxLength: 20 }),
        (one, other, texts) => {
          const isInside = isWithin(one, other)
          const areApart = excludes(one, other)
          if (isInside) within++
          if (areApart) excluding++
          for (const any of texts.filter((text) => fits(text, one))) {
            if (isInside) expect(fits(any, other)).toBe(true)
            if (areApart) expect(fits(any, other)).toBe(false)
          }
        },
      ),
      { numRuns: 2_000 },
    )
    expect(within).toBeGreaterThan(50)
    expect(excluding).toBeGreaterThan(50)
  })
})

function holdsFor(when: When, conflict: Conflict): boolean {
  const rules = defineRules({
    rules: [{ name: 'it', when, resolve: 'additive' }],
    conditions: { big: ({ events }) => events.length > 1 },
  })
  return rules.decide(conflict).rule === 'it'
}

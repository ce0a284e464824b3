import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { twoBranches } from '../fixtures/conflicts.ts'
import { defineRules } from './define-rules.ts'
import type { RulesInit } from './rules-init.ts'
import type { When } from './when.ts'

const lww = 'last-write-wins'

describe('a rule that can never decide is warned about:', () => {
  it.each<[string, readonly When[]]>([
    ['after one that always fits', ['always', { type: 'A' }]],
    ['after the same', [{ type: 'A' }, { type: 'A' }]],
    ['after a wider one', [{ type: ['A', 'B'] }, { type: 'A', aggregate: 'x' }]],
    ['after a wider pattern', [{ aggregate: 'user-*' }, { aggregate: 'user-1*' }]],
    ['after a wider field', [{ field: 'at' }, { field: 'at.city' }]],
    ['after less metadata', [{ metadata: { a: 1 } }, { metadata: { a: 1, b: 2 } }]],
    ['after one for all but it', [{ not: { type: 'A' } }, { type: 'B' }]],
    ['after a narrower not', [{ not: { type: ['A', 'B'] } }, { not: { type: ['A', 'B', 'C'] } }]],
    ['after one that is always true', [{ not: { not: 'always' } }, { custom: 'c' }]],
    [
      'after both its halves',
      [{ type: 'A' }, { type: 'B' }, { or: [{ type: 'A' }, { type: 'B' }] }],
    ],
    [
      'after all other relations',
      [{ relation: 'equal' }, { not: { relation: ['separate', 'colliding'] } }],
    ],
  ])('%s', (_, whens) => {
    const { warnings } = defineRules(rulesOf(whens))
    const last = `r${whens.length - 1}`
    expect(warnings.map(({ rule, problem }) => [rule, problem])).toEqual([[last, 'shadowed']])
    expect(warnings[0]?.message).toContain(`the rule "${last}" is never asked: "r0"`)
  })

  it.each<When>([
    { not: 'always' },
    { type: 'A', and: [{ type: 'B' }] },
    { type: 'A', not: { type: ['A', 'B'] } },
    { and: [{ type: ['A', 'B'] }, { type: ['B', 'C'] }, { type: ['A', 'C'] }] },
    { aggregate: 'user-1', and: [{ aggregate: 'order-*' }] },
    { relation: 'equal', not: { relation: ['equal', 'separate'] } },
    { not: { relation: ['equal', 'separate', 'colliding'] } },
    { custom: 'c', not: { custom: 'c' } },
    { or: [{ not: 'always' }, { field: 'a.b', not: { field: 'a' } }] },
  ])('nothing fits %j', (when) => {
    const { warnings } = defineRules(rulesOf([when]))
    expect(warnings).toMatchObject([{ rule: 'r0', problem: 'contradictory', by: [] }])
  })

  it('in a disabled group, and after a group that takes all', () => {
    const rule = { name: 'r', when: 'always', resolve: lww } as const
    const { warnings } = defineRules({
      groups: [
        { name: 'off', enabled: false, groups: [{ name: 'in', rules: [rule], fallback: lww }] },
        { name: 'all', fallback: 'additive' },
        { name: 'late', rules: [rule, { ...rule, name: 'off', enabled: false }] },
      ],
    })
    expect(warnings.map(({ rule, problem, by }) => [rule, problem, by])).toEqual([
      ['off.in.r', 'disabled', ['off']],
      ['off.in.fallback', 'disabled', ['off']],
      ['late.r', 'shadowed', ['all.fallback']],
    ])
  })
})

describe('no warning', () => {
  it.each<[string, readonly When[]]>([
    ['for other types', [{ type: 'A' }, { type: 'B' }]],
    ['for what is wider', [{ type: 'A', aggregate: 'x' }, { type: 'A' }]],
    [
      'for metadata that several events may have',
      [{ metadata: { a: 1 }, and: [{ metadata: { a: 2 } }] }],
    ],
    ['for several origins', [{ origin: 'a', and: [{ origin: 'b' }] }]],
    ['for types that are not all of one', [{ not: { type: 'A' }, and: [{ type: ['A', 'B'] }] }]],
  ])('%s', (_, whens) => {
    expect(defineRules(rulesOf(whens)).warnings).toEqual([])
  })

  it('for conditions too many to look at, which come to an answer at once', () => {
    const or = (at: number): When => ({ or: [{ type: `A${at}` }, { field: `f${at}` }] })
    const many = { and: Array.from({ length: 40 }, (_, at) => or(at)) }
    expect(defineRules(rulesOf([many, many])).warnings).toEqual([])
  })

  it('is wrong: a rule that is warned about never decides', () => {
    const conflicts = ['A', 'B'].flatMap((type) =>
      ['x', 'xy'].flatMap((aggregateId) =>
        [{ p: 1 }, { p: 2, q: { r: 1 } }].map((data) =>
          twoBranches({ type, data }, { type, data: { p: 1 } }, { aggregateId }),
        ),
      ),
    )
    const { when } = fc.letrec<{ when: When }>((tie) => ({
      when: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<When>(
          'always',
          ...[{ type: 'A' }, { type: ['A', 'B'] }, { type: 'B' }, { relation: 'equal' as const }],
          ...[
            { relation: ['equal' as const, 'separate' as const] },
            { relation: 'colliding' as const },
          ],
          ...[{ aggregate: 'x' }, { aggregate: 'x*' }, { aggregate: '*y' }],
          ...[{ field: 'p' }, { field: 'q' }, { field: 'q.r' }],
        ),
        fc.record({ and: fc.array(tie('when'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ or: fc.array(tie('when'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('when') }),
      ),
    }))
    const seen = { shadowed: 0, contradictory: 0, disabled: 0 }
    fc.assert(
      fc.property(fc.array(when, { minLength: 1, maxLength: 4 }), (whens) => {
        const rules = defineRules(rulesOf(whens))
        for (const conflict of conflicts) rules.decide(conflict)
        const { decided } = rules.statistics()
        for (const { rule, problem } of rules.warnings) {
          seen[problem]++
          expect(decided[rule], rule).toBe(0)
        }
      }),
      { numRuns: 500 },
    )
    expect(seen.shadowed).toBeGreaterThan(50)
    expect(seen.contradictory).toBeGreaterThan(50)
  })
})

function rulesOf(whens: readonly When[]): RulesInit {
  const rules = whens.map((when, at) => ({ name: `r${at}`, when, resolve: lww }))
  return { rules, conditions: { c: () => true } }
}

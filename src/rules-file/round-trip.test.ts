import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { property } from '../../test/property.ts'
import { defineRules, type Rule, type RuleGroup, type When } from '../conflict/index.ts'
import { checkRules } from './check-rules.ts'

const code = {
  resolvers: { mine: () => ({ kind: 'keep', winners: [0] }) as const },
  conditions: { mine: () => true },
}
/** Among them what YAML would take for something else. */
const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom(
    'yes',
    'null',
    '~',
    '1',
    '1e3',
    '0x1',
    '# a',
    '- a',
    'a: b',
    '*a',
    '&a',
    '!a',
    ' a ',
    'a\nb',
    '"',
    '<<',
    '__proto__',
  ),
)
const words = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }))
const plain = fc.oneof(
  word,
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
const { when } = fc.letrec<{ when: When }>((tie) => ({
  when: fc.oneof(
    { depthSize: 'small' },
    fc.constant<When>('always'),
    fc
      .record(
        {
          type: words,
          aggregate: words,
          field: words,
          origin: words,
          metadata: fc.dictionary(word, plain, { minKeys: 1, maxKeys: 3 }),
          relation: fc.constantFrom('equal' as const, 'separate' as const, 'colliding' as const),
          custom: fc.constant('mine'),
          and: fc.array(tie('when'), { minLength: 1, maxLength: 2 }),
          or: fc.array(tie('when'), { minLength: 1, maxLength: 2 }),
          not: tie('when'),
        },
        { requiredKeys: [] },
      )
      .filter((conditions) => Object.keys(conditions).length > 0),
  ),
}))
const name = word.map((text) => text.replaceAll('.', '_')).filter((text) => text !== 'fallback')
const resolve = fc.constantFrom(
  'additive',
  'last-write-wins',
  'first-write-wins',
  'merge-fields',
  'mine',
)
const named = { selector: ({ name }: { name: string }) => name, maxLength: 3 }
const rules = fc.uniqueArray(
  fc.record<Rule>({
    name,
    when,
    resolve,
    enabled: fc.boolean(),
    priority: fc.integer({ min: -9, max: 9 }),
  }),
  named,
)
const groupWith = (groups: fc.Arbitrary<readonly RuleGroup[]>): fc.Arbitrary<RuleGroup> =>
  fc.record(
    { name, rules, enabled: fc.boolean(), fallback: resolve, groups },
    { requiredKeys: ['name'] },
  )
const inner = groupWith(fc.constant([]))
const group = groupWith(fc.uniqueArray(groupWith(fc.uniqueArray(inner, named)), named))
const described = fc.record({
  rules,
  groups: fc.uniqueArray(group, named),
  fallback: resolve,
  revision: word,
})

it('rules from code, described and written as JSON or YAML, come back with the same hash', () =>
  property(described, async (init) => {
    const defined = defineRules({ ...init, ...code })
    const description = defined.describe()
    for (const text of [JSON.stringify(description), stringify(description)]) {
      const { rules: read, problems } = checkRules(text, code)
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(read?.hash).toBe(defined.hash)
      expect(read?.describe()).toEqual(description)
      expect(read?.warnings).toEqual(defined.warnings)
    }
  }))

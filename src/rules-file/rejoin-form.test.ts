import { describe, expect, it } from 'vitest'
import { additive, defineRules, type RulesInit } from '../conflict/index.ts'
import { checkRules } from './check-rules.ts'
import { problemLine } from './problem.ts'

const mergeTags = () => ({ kind: 'keep', winners: [0] }) as const
const code = {
  resolvers: { mergeTags },
  conditions: { isUrgent: () => true },
  conflictKeys: { byThing: () => 'thing' },
}

describe('a file of rules', () => {
  it('says what code says: every kind of condition, groups, priorities, functions by name', () => {
    const yaml = `
# Titles: the last one counts.
description: how we resolve
revision: '3'
conflictKey: byThing
besideSnapshot: keep
rules:
  - name: titles
    description: no merging of titles
    when: { type: [TitleSet, TitleReset], aggregate: note-* }
    resolve: last-write-wins
    priority: -2
  - name: tags
    when:
      custom: isUrgent
      not: { field: tags.0 }
      metadata: { tier: 1, vip: true, '12': null, __proto__: x }
    resolve: mergeTags
    options: { deep: [1, { a: null }] }
groups:
  - name: shop
    enabled: false
    rules: []
    groups:
      - name: inner
        fallback: manual-review
        rules:
          - { name: all, when: always, resolve: manual-review, options: { reason: look at it } }
  - name: rest
    rules:
      - name: either
        enabled: false
        when: { or: [{ origin: laptop-* }, { and: [{ relation: [equal, separate] }, always] }] }
        resolve: merge-fields
fallback: first-write-wins
`
    const init: RulesInit = {
      revision: '3',
      conflictKey: 'byThing',
      besideSnapshot: 'keep',
      rules: [
        {
          name: 'titles',
          when: { type: ['TitleSet', 'TitleReset'], aggregate: 'note-*' },
          resolve: 'last-write-wins',
          priority: -2,
        },
        {
          name: 'tags',
          when: {
            custom: 'isUrgent',
            not: { field: 'tags.0' },
            metadata: JSON.parse('{"tier":1,"vip":true,"12":null,"__proto__":"x"}'),
          },
          resolve: 'mergeTags',
          options: { deep: [1, { a: null }] },
        },
      ],
      groups: [
        {
          name: 'shop',
          enabled: false,
          rules: [],
          groups: [
            {
              name: 'inner',
              fallback: 'manual-review',
              rules: [
                {
                  name: 'all',
                  when: 'always',
                  resolve: 'manual-review',
                  options: { reason: 'look at it' },
                },
              ],
            },
          ],
        },
        {
          name: 'rest',
          rules: [
            {
              name: 'either',
              enabled: false,
              when: {
                or: [
                  { origin: 'laptop-*' },
                  { and: [{ relation: ['equal', 'separate'] }, 'always'] },
                ],
              },
              resolve: 'merge-fields',
            },
          ],
        },
      ],
      fallback: 'first-write-wins',
    }
    const defined = defineRules({ ...init, ...code })
    const { rules, problems } = checkRules(yaml, code)
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(rules?.hash).toBe(defined.hash)
    expect(rules?.describe()).toEqual(defined.describe())
    const { groups, ...rest } = init
    expect(defined.describe()).toEqual({ ...rest, groups })
    // What is disabled is in the file and in the statistics, but never asked.
    expect(Object.keys(rules?.statistics().decided ?? {})).toEqual(['tags', 'titles'])
    expect(rules?.statistics().groups.map(({ enabled }) => enabled)).toEqual([false, true])
    // And enabled, it makes other rules.
    const enabled = checkRules(yaml.replaceAll('enabled: false', 'enabled: true'), code)
    expect(enabled.rules?.hash).not.toBe(defined.hash)
  })

  it('may be JSON, with a byte order mark and Windows line ends', () => {
    const text = JSON.stringify(
      { rules: [{ name: 'all', when: 'always', resolve: 'additive' }] },
      null,
      2,
    )
    const { hash } = defineRules({ rules: [{ name: 'all', when: 'always', resolve: 'additive' }] })
    for (const form of [text, `\ufeff${text}`, text.replaceAll('\n', '\r\n')])
      expect(checkRules(form)).toMatchObject({ rules: { hash }, problems: [] })
  })

  it('can have lists whose items are commented out, and no rules at all', () => {
    expect(checkRules('rules:\n  # - name: x\ngroups:').rules?.hash).toBe(defineRules({}).hash)
    expect(checkRules('{}').rules?.hash).toBe(defineRules({}).hash)
  })

  it('cannot be described where code is given as such', () => {
    const told = (init: RulesInit) => () => defineRules(init).describe()
    const rule = { name: 'r', when: 'always', resolve: additive() } as const
    expect(told({ rules: [rule] })).toThrow(/^rules\[0\]\.resolve must be registered and named/)
    expect(told({ groups: [{ name: 'g', groups: [{ name: 'h', rules: [rule] }] }] })).toThrow(
      /^groups\[0\]\.groups\[0\]\.rules\[0\]\.resolve must/,
    )
    expect(told({ fallback: additive() })).toThrow(/^fallback must/)
    expect(told({ conflictKey: () => 'x' })).toThrow(/^conflictKey must/)
  })

  it('does not change with the objects it was described from', () => {
    const rules = [{ name: 'all', when: 'always', resolve: 'additive' } as const]
    const defined = defineRules({ rules })
    rules.pop()
    expect(defined.describe().rules).toHaveLength(1)
  })
})

const rule = (of: string) => `rules:\n  - name: r\n    when: always\n    resolve: additive\n${of}`
const when = (of: string) => `rules:\n  - name: r\n    resolve: additive\n    when:\n      ${of}\n`

describe('what is wrong in a file is told with its line and column:', () => {
  it.each([
    [
      'an unknown key',
      rule('    enabld: no'),
      /^f:5:5: unknown key "enabld" in a rule: it can be name, .*; did you mean "enabled"\?$/,
    ],
    [
      'at the top',
      'rule: []',
      /^f:1:1: unknown key "rule" in a file of rules: .*did you mean "rules"\?$/,
    ],
    [
      'in a group',
      'groups:\n- name: g\n  rulez: []',
      /^f:3:3: unknown key "rulez" in a group: .*"rules"/,
    ],
    [
      'of a condition',
      when('typ: X'),
      /^f:5:7: unknown key "typ" in a condition: .*did you mean "type"\?/,
    ],
    ['a merge key', 'x: &x {}\n<<: *x', /^f:1:1: unknown key "x"/],
    [
      'a resolver',
      'fallback: last_write_win',
      /^f:1:11: fallback can't be "last_write_win": it can be additive, .* or mergeTags; did you mean "last-write-wins"\?$/,
    ],
    ['an unknown function', 'fallback: mergeTag', /; did you mean "mergeTags"\?$/],
    [
      'an unknown condition',
      when('custom: isurgent'),
      /^f:5:15: custom can't be "isurgent": it can only be isUrgent; did you mean/,
    ],
    [
      'an unknown conflict key',
      'conflictKey: typ',
      /^f:1:14: conflictKey can't be "typ": it can be type, aggregate or byThing/,
    ],
    [
      'options nobody takes',
      rule('    options: { reason: x }'),
      /^f:5:16: unknown key "reason" in the options of additive/,
    ],
    [
      'a text that is a number',
      'revision: 3',
      /^f:1:11: revision must be a text that is not empty, not 3; quote it$/,
    ],
    [
      'a flag that is a text',
      rule('    enabled: yes'),
      /^f:5:14: enabled must be true or false, not "yes"$/,
    ],
    [
      'a priority',
      rule('    priority: 1.5'),
      /^f:5:15: priority must be a whole number from -1000000 to 1000000, not 1.5$/,
    ],
    ['a list that is a map', 'rules: { a: 1 }', /^f:1:8: rules must be a list, not a map$/],
    [
      'a rule that is a text',
      'rules:\n - titles',
      /^f:2:4: a rule must be a map of name, .*, not "titles"$/,
    ],
    ['a list at the top', '- a', /^f:1:1: a file of rules must be a map of .*, not a list$/],
    [
      'a missing key',
      'rules:\n  - name: r\n    when: always',
      /^f:2:5: a rule needs resolve: the name of a resolver$/,
    ],
    ['no condition', when('{}'), /^f:5:7: when needs a condition; write always/],
    [
      'a condition that is a text',
      'rules:\n  - { name: r, resolve: additive, when: allways }',
      /^f:2:41: when must be always, or a map of conditions, not "allways"$/,
    ],
    ['an empty list', when('type: []'), /^f:5:13: type must have at least one item$/],
    [
      'an unknown relation',
      when('relation: [equal, other]'),
      /^f:5:25: relation can't be "other": it can be equal, separate or colliding$/,
    ],
    [
      'metadata that is a list',
      when('metadata: { a: [1] }'),
      /^f:5:22: metadata must be a text, a number, true, false or null, not a list$/,
    ],
    [
      'metadata that no JSON has',
      when('metadata: { a: .inf }'),
      /^f:5:22: metadata must be .*, not .inf$/,
    ],
    [
      'metadata without a value',
      when('metadata: {}'),
      /^f:5:17: rules\[0\]\.when\.metadata .*give at least one value/,
    ],
    [
      'a key that is a number',
      when('metadata: { 1: a }'),
      /^f:5:19: a key of metadata must be a text, not 1; quote it$/,
    ],
    [
      'a name twice',
      rule('  - { name: r, when: always, resolve: additive }'),
      /^f:5:13: the name "r" is taken by the rule on line 2$/,
    ],
    [
      'a group twice',
      'groups: [{name: g}, {name: g}]',
      /^f:1:28: the name "g" is taken by the group on line 1$/,
    ],
    ['a dotted name', 'groups: [{name: a.b}]', /^f:1:17: name must have no dots/],
    ['a name that is not free', 'groups: [{name: fallback}]', /^f:1:17: name can't be "fallback"/],
    ['a key twice', 'rules: []\nrules: []', /^f:2:1: Map keys must be unique/],
    [
      'an alias',
      'description: &a x\nrevision: *a',
      /^f:2:11: .*not \*a: aliases are not followed here, write it out/,
    ],
    ['a tag of another language', 'rules: !!js/function x', /^f:1:8: Unresolved tag/],
    ['a second document', 'rules: []\n---\nrules: []', /^f:2:1: .*multiple documents/],
    ['a tab', 'rules:\n\t- name: x', /^f:2:1: Tabs are not allowed/],
    ['JSON that ends early', '{"rules": [', /^f:1:\d+: /],
    ['nothing', '', /^f:1:1: there is nothing in it; for a file without rules, write {}$/],
    ['only comments', '# nothing', /there is nothing in it/],
    ['a depth to fall into', '['.repeat(100_000), /^f:1:\d+: /],
  ])('%s', (_, text, wanted) => {
    const { rules, problems } = checkRules(text, code)
    expect(rules).toBeUndefined()
    expect(problemLine('f', problems[0] as never)).toMatch(wanted)
  })

  it('all of it at once, in the order of the text', () => {
    const text = `fallback: lww\nrules:\n  - nam: x\n    when: { typ: a }\n    resolve: 7\nextra: 1\n`
    const { problems } = checkRules(text)
    expect(problems.map(({ line, severity }) => [line, severity])).toEqual(
      [1, 3, 3, 4, 5, 6].map((line) => [line, 'error']),
    )
  })

  it('aliases of aliases are not followed', () => {
    const rows = Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`)
    const options = ['a0: &a0 x', ...rows].map((row) => `\n      ${row}`).join('')
    const text = `rules:\n  - name: r\n    when: always\n    resolve: mergeTags\n    options:${options}`
    expect(checkRules(text, code).problems).toHaveLength(80)
  })

  it('code that makes no sense is not blamed on the file', () => {
    expect(() => checkRules('{}', { conditions: 7 as never })).toThrow(/^conditions must be/)
  })
})

describe('rules that can never decide', () => {
  it('are warned of where they stand, and don’t keep the file from being used', () => {
    const text = `groups:
  - name: a
    rules:
      - { name: never, when: { type: A, not: { type: A } }, resolve: additive }
      - { name: all, when: always, resolve: additive }
      - { name: late, when: { type: A }, resolve: additive }
  - name: b
    enabled: false
    rules:
      - { name: off, when: always, resolve: additive }
`
    const { rules, problems } = checkRules(text)
    expect(rules).toBeDefined()
    expect(problems.map((problem) => problemLine('f', problem))).toEqual([
      'f:4:9: warning: the rule "a.never" never fits: its conditions exclude each other',
      'f:6:9: warning: the rule "a.late" is never asked: "a.all" before it takes all it could',
      'f:10:9: note: the rule "b.off" is never asked: the group "b" is disabled',
    ])
  })
})

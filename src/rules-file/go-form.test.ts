import { describe, expect, it } from 'vitest'
import { defineRules } from '../conflict/index.ts'
import { checkRules } from './check-rules.ts'
import { problemLine } from './problem.ts'

const file = (of = '') => `version: 1.0\nname: shop\n${of}`
const one = (of: string) =>
  file(`rules:\n  - name: r\n    resolution: { strategy: lww }\n    ${of}`)

describe('a file in go-sync-kit’s form', () => {
  it('means what it says there', () => {
    const yaml = `
version: "1.0"
name: shop
description: of the shop
metadata: { owner: { team: [a, b] } }
settings:
  default_fallback: MANUAL
  features: { beta: true }
  custom: { colour: red }
  timeouts: {}
rules:
  - name: orders
    priority: 5
    metadata: { ticket: 7 }
    conditions: { event_types: [OrderPlaced, OrderChanged], aggregate_ids: [12, o-1], fields: [total] }
    resolution: { strategy: last_write_wins }
groups:
  - name: stock
    description: of the stock
    fallback: merge
    rules:
      - { name: first, conditions: {}, resolution: { strategy: FWW, options: {} } }
    subgroups:
      - name: inner
        enabled: false
        rules:
          - { name: all, enabled: false, resolution: { strategy: manual_review, options: { reason: look } } }
`
    const { rules, problems } = checkRules(yaml)
    expect(problems.map(({ severity }) => severity)).not.toContain('error')
    expect(rules?.describe()).toEqual({
      rules: [
        {
          name: 'orders',
          when: {
            type: ['OrderPlaced', 'OrderChanged'],
            aggregate: ['12', 'o-1'],
            field: ['total'],
          },
          resolve: 'last-write-wins',
          priority: 5,
        },
      ],
      groups: [
        {
          name: 'stock',
          fallback: 'additive',
          rules: [{ name: 'first', when: 'always', resolve: 'first-write-wins', options: {} }],
          groups: [
            {
              name: 'inner',
              enabled: false,
              rules: [
                {
                  name: 'all',
                  when: 'always',
                  resolve: 'manual-review',
                  options: { reason: 'look' },
                  enabled: false,
                },
              ],
            },
          ],
        },
      ],
      fallback: 'manual-review',
      conflictKey: 'type',
    })
    expect(rules?.statistics()).toMatchObject({
      decided: { orders: 0, 'stock.first': 0, 'stock.fallback': 0 },
    })
  })

  it('has every name of a strategy', () => {
    const names = ['last_write_wins', 'lww', 'first_write_wins', 'fww', 'additive_merge', 'merge']
    const read = [...names, 'manual_review', 'manual'].map(
      (name) =>
        checkRules(file(`settings: { default_fallback: ${name} }`)).rules?.describe().fallback,
    )
    const [last, first, review] = ['last-write-wins', 'first-write-wins', 'manual-review']
    expect(read).toEqual([last, last, first, first, 'additive', 'additive', review, review])
    expect(checkRules(file()).rules?.hash).toBe(defineRules({}).hash)
  })

  it.each([
    [
      'a strategy',
      file('settings: { default_fallback: lwww }'),
      /^f:3:31: default_fallback can't be "lwww": it can be .*; did you mean "lww"/,
    ],
    [
      'one of ours',
      one('priority: 1').replace('lww', 'merge-fields'),
      /^f:5:29: strategy can't be "merge-fields"/,
    ],
    [
      'a name that every object has',
      file('settings: { default_fallback: constructor }'),
      /^f:3:31: default_fallback can't be "constructor"/,
    ],
    [
      'no strategy',
      one('').replace('strategy: lww', ''),
      /^f:5:17: a resolution needs strategy: last_write_wins, lww/,
    ],
    ['no resolution', file('rules: [{ name: r }]'), /^f:3:9: a rule needs resolution/],
    [
      'options nobody takes',
      one('').replace('lww', 'lww, options: { a: 1 }'),
      /^f:5:45: unknown key "a" in the options of this strategy/,
    ],
    [
      'a custom match',
      one('conditions: { custom_match: { a: b } }'),
      /^f:6:33: custom_match can't be said here: it is never asked there/,
    ],
    [
      'a star',
      one('conditions: { aggregate_ids: [a*] }'),
      /^f:6:35: "a\*" in aggregate_ids can't be said here: here a star/,
    ],
    [
      'all data',
      one('conditions: { fields: [data] }'),
      /^f:6:28: "data" in fields can't be said here: it stands for all data/,
    ],
    [
      'timeouts',
      file('settings: { timeouts: { resolution_timeout_ms: 1 } }'),
      /^f:3:23: timeouts can't be said here/,
    ],
    [
      'limits',
      file('settings: { limits: { max_rules_per_group: 1 } }'),
      /^f:3:21: limits can't be said here/,
    ],
    [
      'a key of ours',
      one('when: always'),
      /^f:6:5: unknown key "when" in a rule: it can be .*resolution/,
    ],
    [
      'another key',
      one('conditions: { event_type: [A] }'),
      /^f:6:19: unknown key "event_type" in conditions: .*did you mean "event_types"/,
    ],
    [
      'a name twice',
      file('groups: [{ name: g }, { name: g }]'),
      /^f:3:31: the name "g" is taken by the group on line 3/,
    ],
    ['no version', 'settings: {}', /^f:1:1: a file in go-sync-kit's form needs version/],
  ])('says where it can’t be followed: %s', (_, text, wanted) => {
    const { rules, problems } = checkRules(text)
    expect(rules).toBeUndefined()
    expect(problemLine('f', problems[0] as never)).toMatch(wanted)
  })
})

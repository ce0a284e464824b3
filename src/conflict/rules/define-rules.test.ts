import { describe, expect, it } from 'vitest'
import type { Resolution } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { effectiveHistory } from '../effective-history.ts'
import { twoBranches } from '../fixtures/conflicts.ts'
import { eventWith } from '../fixtures/histories.ts'
import { lastWriteWins } from '../resolvers/keep.ts'
import { defineRules } from './define-rules.ts'
import type { RulesInit } from './rules-init.ts'

const conflict = twoBranches({ data: { v: 1 } }, { data: { v: 2 } })
const lww = 'last-write-wins'

describe('rules are asked in order:', () => {
  const rule = (name: string, more: object = {}) => ({
    name,
    when: 'always' as const,
    resolve: lww,
    ...more,
  })
  const never = { not: 'always' } as const

  it.each<[string | undefined, RulesInit]>([
    ['first', { rules: [rule('first'), rule('second')] }],
    ['second', { rules: [rule('first', { when: never }), rule('second')] }],
    ['second', { rules: [rule('first', { enabled: false }), rule('second')] }],
    ['second', { rules: [rule('first'), rule('second', { priority: 1 })] }],
    ['first', { rules: [rule('first', { priority: -1 }), rule('second', { priority: -2 })] }],
    ['own', { rules: [rule('own')], groups: [{ name: 'g', rules: [rule('r')] }] }],
    [
      'g.r',
      { groups: [{ name: 'g', rules: [rule('r')], groups: [{ name: 'h', fallback: lww }] }] },
    ],
    [
      'g.h.r',
      { groups: [{ name: 'g', groups: [{ name: 'h', rules: [rule('r')] }], fallback: lww }] },
    ],
    ['g.fallback', { groups: [{ name: 'g', rules: [rule('r', { when: never })], fallback: lww }] }],
    [
      'h.r',
      {
        groups: [
          { name: 'g', rules: [] },
          { name: 'h', rules: [rule('r')] },
        ],
      },
    ],
    [
      'h.r',
      {
        groups: [
          { name: 'g', enabled: false, fallback: lww },
          { name: 'h', rules: [rule('r')] },
        ],
      },
    ],
    [undefined, { rules: [rule('r', { when: never })], fallback: lww }],
    [undefined, {}],
  ])('%s decides', (expected, init) => {
    expect(defineRules(init).decide(conflict).rule).toBe(expected)
  })

  it('and the resolver is the one the rule chose', () => {
    const custom = () => ({ kind: 'keep', winners: [0] }) as const
    const decideBy = (resolve: RulesInit['fallback'], options?: object) =>
      defineRules({
        rules: [
          {
            name: 'r',
            when: 'always',
            resolve: resolve!,
            ...(options && { options: { ...options } }),
          },
        ],
        resolvers: {
          custom,
          prefer: (_, { branch }) => ({ kind: 'keep', winners: [branch as number] }),
          object: { name: 'whatever', resolve: custom },
        },
      }).decide(conflict)
    expect(decideBy('additive').resolution).toEqual({ kind: 'keep', winners: [0, 1] })
    expect(decideBy('last-write-wins').resolution).toEqual({ kind: 'keep', winners: [1] })
    expect(decideBy('first-write-wins').resolution).toEqual({ kind: 'keep', winners: [0] })
    expect(decideBy('merge-fields').resolution).toMatchObject({ kind: 'merge', data: { v: 2 } })
    expect(decideBy('manual-review', { reason: 'money' }).resolution).toEqual({
      kind: 'review',
      reason: 'money',
    })
    expect(decideBy('custom')).toEqual({ rule: 'r', resolver: 'custom', resolution: custom() })
    expect(decideBy('prefer', { branch: 1 }).resolution).toEqual({ kind: 'keep', winners: [1] })
    expect(decideBy('object')).toMatchObject({ resolver: 'object', resolution: custom() })
    expect(decideBy(lastWriteWins())).toMatchObject({ resolver: lww })
  })
})

describe('what makes no sense is refused by its place:', () => {
  const rule = { name: 'r', when: 'always', resolve: lww }
  const inGroup = (more: object) => ({ groups: [{ name: 'g', rules: [{ ...rule, ...more }] }] })

  it.each<[string, unknown]>([
    ['rules must be an object', []],
    ['rules must be a list', { rules: {} }],
    ['rules[0] must be an object', { rules: ['x'] }],
    ['rules[0].name is missing', { rules: [{ ...rule, name: undefined }] }],
    ['rules[0].name must be a name without dots', { rules: [{ ...rule, name: 'a.b' }] }],
    [
      'rules[0].name must be a name without dots, and not "fallback"',
      { rules: [{ ...rule, name: 'fallback' }] },
    ],
    ['rules[1].name must be unlike the others', { rules: [rule, rule] }],
    ['groups[1].name must be unlike', { groups: [{ name: 'g' }, { name: 'g' }] }],
    ['groups[0].rules[0].when is missing', inGroup({ when: undefined })],
    ['groups[0].rules[0].when must be "always" or an object', inGroup({ when: 'sometimes' })],
    ['groups[0].rules[0].when is missing: give a condition', inGroup({ when: {} })],
    ['groups[0].rules[0].when.kind must be one of type,', inGroup({ when: { kind: 'x' } })],
    ['groups[0].rules[0].when.type must be a string', inGroup({ when: { type: 7 } })],
    ['groups[0].rules[0].when.type[1] must be a string', inGroup({ when: { type: ['A', ''] } })],
    ['groups[0].rules[0].when.type must be a string, or a list', inGroup({ when: { type: [] } })],
    ['when.relation must be "equal" or "separate"', inGroup({ when: { relation: 'newer' } })],
    ['when.and must be a list of conditions', inGroup({ when: { and: [] } })],
    ['when.or[1].not.type must be', inGroup({ when: { or: ['always', { not: { type: 1 } }] } })],
    ['when.metadata.a must be a string, a number', inGroup({ when: { metadata: { a: {} } } })],
    ['when.metadata is missing: give at least one value', inGroup({ when: { metadata: {} } })],
    ['when.custom must be the name of a condition', inGroup({ when: { custom: 'nobody' } })],
    [
      'rules[0].resolve must be one of additive, last-write-wins',
      inGroup({ resolve: 'lastWrite' }),
    ],
    ['rules[0].resolve is missing', inGroup({ resolve: undefined })],
    ['resolve.options.reason must be absent: it takes none', inGroup({ options: { reason: 'x' } })],
    [
      'options.why must be absent: manual-review, except reason',
      inGroup({ resolve: 'manual-review', options: { why: 'x' } }),
    ],
    [
      'options.reason must be a string',
      inGroup({ resolve: 'manual-review', options: { reason: 7 } }),
    ],
    ['rules[0].enabled must be true or false', inGroup({ enabled: 'no' })],
    ['rules[0].priority must be a whole number', inGroup({ priority: 0.5 })],
    ['groups[0].enabled must be true or false', { groups: [{ name: 'g', enabled: 1 }] }],
    ['groups[0].fallback must be one of', { groups: [{ name: 'g', fallback: 'x' }] }],
    ['fallback must be one of', { fallback: 'x' }],
    ['fallback.name is missing', { fallback: { resolve: () => 1 } }],
    ['conflictKey must be one of type, aggregate, or a function', { conflictKey: 'x' }],
    [
      'conditions.c must be a function',
      { ...inGroup({ when: { custom: 'c' } }), conditions: { c: 1 } },
    ],
    [
      'resolvers.mine must be a resolver or a function',
      { fallback: 'mine', resolvers: { mine: {} } },
    ],
    ['hooks.onError must be a function', { hooks: { onError: 1 } }],
    ['revision must be a string', { revision: 7 }],
  ])('%s', (message, init) => {
    expect(() => defineRules(init as RulesInit)).toThrow(message)
    expect(() => defineRules(init as RulesInit)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', operation: 'defineRules' }),
    )
  })
})

describe('the hash', () => {
  const init = {
    rules: [
      { name: 'r', when: { type: ['A', 'B'], metadata: { x: 1, y: 2 } }, resolve: lww },
      { name: 's', when: 'always', resolve: 'manual-review', options: { reason: 'x' } },
    ],
  } as const
  const hash = defineRules(init).hash

  it('is equal for rules that decide alike, however they are written', () => {
    const [r, s] = init.rules
    const same: readonly RulesInit[] = [
      { ...init, hooks: { onError() {} }, fallback: 'additive', conflictKey: 'type' },
      { rules: [{ ...r, when: { metadata: { y: 2, x: 1 }, type: ['B', 'A', 'B'] } }, s] },
      { rules: [s, { ...r, priority: 1 }] },
      { rules: [r, { ...r, name: 'off', enabled: false }, s] },
      { ...init, groups: [{ name: 'off', enabled: false, fallback: lww }] },
    ]
    for (const rules of same) expect(defineRules(rules).hash).toBe(hash)
    expect(hash).toMatch(/^[\w-]{43}$/)
  })

  it('is another for any change that may decide otherwise', () => {
    const [r, s] = init.rules
    const others: readonly RulesInit[] = [
      {},
      { rules: [s, r] },
      { rules: [{ ...r, name: 'q' }, s] },
      { rules: [{ ...r, when: { type: 'A' } }, s] },
      { rules: [{ ...r, resolve: 'additive' }, s] },
      { rules: [r, { ...s, options: { reason: 'y' } }] },
      { rules: [r], groups: [{ name: 'g', rules: [s] }] },
      { ...init, fallback: lww },
      { ...init, conflictKey: 'aggregate' },
      { ...init, conflictKey: () => 'x' },
      { ...init, revision: '2' },
    ]
    const hashes = others.map((rules) => defineRules(rules).hash)
    expect(new Set([hash, ...hashes]).size).toBe(others.length + 1)
  })
})

describe('conflict keys', () => {
  const events = [eventWith({ id: '1', type: 'Name' }), eventWith({ id: '2', type: 'Title' })]

  it('of the application’s own bring types into one scope, or keep events out', () => {
    const key = ({ type }: { type: string }) =>
      type === 'Name' || type === 'Title' ? 'naming' : undefined
    for (const init of [
      { conflictKey: key },
      { conflictKey: 'naming', conflictKeys: { naming: key } },
    ]) {
      const { conflicts } = effectiveHistory(events, defineRules(init))
      expect(conflicts.map(({ conflict }) => conflict.key)).toEqual(['naming'])
    }
    const none = defineRules({ conflictKey: () => undefined })
    expect(effectiveHistory(events, none).conflicts).toEqual([])
  })

  it('that fail are told of, and leave the event without conflicts', () => {
    const errors: string[] = []
    const bad = defineRules({
      conflictKey: ({ id }) => (id === '1' ? (7 as never) : fail()),
      hooks: { onError: ({ error }) => errors.push(error.message) },
    })
    const history = effectiveHistory(events, bad)
    expect(history.conflicts).toEqual([])
    expect(history.events).toHaveLength(2)
    expect(errors).toEqual([
      'the conflict key failed: a conflict key must be a string or undefined, not number',
      'the conflict key failed: broken',
    ])
  })
})

describe('what fails leaves the conflict to review, and is told', () => {
  it.each<[string, () => unknown]>([
    ['broken', fail],
    ['must have the kind keep, merge or review', () => undefined],
    ['must have the kind', () => ({ kind: 'drop' })],
    ['must not be async', async () => ({ kind: 'keep', winners: [0] })],
    ['must not be async', async () => fail()],
    ['`winners` must be indexes of branches', () => ({ kind: 'keep', winners: [] })],
    ['each from 0 to 1', () => ({ kind: 'keep', winners: [2] })],
    ['`winners`', () => ({ kind: 'keep' })],
    ['`data` has no JSON form', () => ({ kind: 'merge' })],
    ['BigInt', () => ({ kind: 'merge', data: 1n })],
    ['`reason` must be a string', () => ({ kind: 'review' })],
    ['`reasons` must be a list', () => ({ kind: 'keep', winners: [0], reasons: 'x' })],
  ])('a resolver: %s', (message, resolve) => {
    const errors: RejoinError[] = []
    const rules = defineRules({
      fallback: { name: 'bad', resolve: resolve as () => Resolution },
      hooks: { onError: ({ error }) => errors.push(error) },
    })
    expect(rules.decide(conflict).resolution).toEqual({
      kind: 'review',
      reason: 'the resolver "bad" failed',
    })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toBeInstanceOf(RejoinError)
    expect(errors[0]?.message).toContain(message)
    expect(errors[0]?.details).toEqual({ aggregateId: 'a', key: 'A' })
    expect(rules.statistics()).toMatchObject({ conflicts: 1, errors: 1, reviews: 1 })
    expect(effectiveHistory(conflict.events, rules).events).toHaveLength(2)
  })

  it.each<[string, () => unknown]>([
    ['broken', fail],
    ['must answer true or false, not object', async () => true],
  ])('a condition: %s', (message, holds) => {
    const errors: string[] = []
    const rules = defineRules({
      rules: [
        { name: 'r', when: { custom: 'c' }, resolve: lww },
        { name: 's', when: 'always', resolve: lww },
      ],
      conditions: { c: holds as () => boolean },
      hooks: { onError: ({ error }) => errors.push(error.message) },
    })
    expect(rules.decide(conflict)).toMatchObject({
      rule: 'r',
      resolution: { kind: 'review', reason: 'the condition of the rule "r" failed' },
    })
    expect(errors).toEqual([expect.stringContaining(message)])
  })

  it('and what a resolver keeps hold of can’t change a history later', () => {
    const data = { v: 1 }
    const { decide } = bound(
      defineRules({ fallback: { name: 'm', resolve: () => ({ kind: 'merge', data }) } }),
    )
    const { resolution } = decide(conflict)
    data.v = 2
    expect(resolution).toEqual({ kind: 'merge', data: { v: 1 } })
  })
})

describe('hooks', () => {
  const init: RulesInit = {
    rules: [{ name: 'r', when: { type: 'A' }, resolve: lww }],
    groups: [
      { name: 'g', rules: [{ name: 'r', when: { type: 'B' }, resolve: lww }], fallback: lww },
    ],
  }

  it('are told what happens, in order', () => {
    const told: unknown[] = []
    const rules = defineRules({
      ...init,
      hooks: {
        onConflict: ({ key }) => told.push(['conflict', key]),
        onRuleMatched: ({ rule, resolver }) => told.push(['matched', rule, resolver]),
        onFallback: ({ rule, resolver }) => told.push(['fallback', rule, resolver]),
        onResolved: ({ rule, resolution }) => told.push(['resolved', rule, resolution.kind]),
      },
    })
    rules.decide(conflict)
    rules.decide(twoBranches({ type: 'C' }, { type: 'C' }))
    expect(told).toEqual([
      ['conflict', 'A'],
      ['matched', 'r', lww],
      ['resolved', 'r', 'keep'],
      ['conflict', 'C'],
      ['fallback', 'g.fallback', lww],
      ['resolved', 'g.fallback', 'keep'],
    ])
  })

  it('that throw, now or later, change nothing', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    const hooks = {
      onConflict: fail,
      onRuleMatched: fail,
      onFallback: fail,
      onResolved: async () => fail(),
      onError: fail,
    }
    const expected = defineRules(init).decide(conflict)
    expect(defineRules({ ...init, hooks }).decide(conflict)).toEqual(expected)
    const broken = defineRules({ hooks, fallback: { name: 'bad', resolve: fail } })
    expect(broken.decide(conflict).resolution.kind).toBe('review')
    await new Promise((next) => setImmediate(next))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

it('statistics tell who decided, and what there is to decide by', () => {
  const rules = defineRules({
    rules: [{ name: 'r', when: { type: 'A' }, resolve: lww }],
    groups: [
      {
        name: 'g',
        rules: [{ name: 'r', when: { type: 'B' }, resolve: 'manual-review' }],
        groups: [
          { name: 'h', enabled: false, rules: [{ name: 'x', when: 'always', resolve: lww }] },
        ],
      },
    ],
  })
  for (const type of ['A', 'A', 'B', 'C']) rules.decide(twoBranches({ type }, { type }))
  expect(rules.statistics()).toEqual({
    conflicts: 4,
    fallbacks: 1,
    reviews: 1,
    errors: 0,
    decided: { r: 2, 'g.r': 1 },
    groups: [
      {
        ...{ name: 'g', enabled: true, ruleCount: 1, groupCount: 1, totalRules: 2 },
        groups: [
          { name: 'h', enabled: false, ruleCount: 1, groupCount: 0, totalRules: 1, groups: [] },
        ],
      },
    ],
  })
})

function fail(): never {
  throw new Error('broken')
}

function bound(rules: ReturnType<typeof defineRules>) {
  return { decide: rules.decide.bind(rules) }
}

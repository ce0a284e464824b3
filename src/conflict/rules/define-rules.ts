import { fields, type Known, oneOf, optionalFunction, text, unwanted } from '../../errors/check.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { byAggregate, byType, type ConflictKey } from '../conflict-key.ts'
import { compilePlan } from './compile-plan.ts'
import { textOf } from './condition.ts'
import { descriptionOf } from './description.ts'
import { type Chosen, isActive, type Step } from './plan.ts'
import type { RuleSet } from './rule-set.ts'
import { Rules } from './rules.ts'
import type { RulesInit } from './rules-init.ts'
import { Tally } from './statistics.ts'
import { warningsOf } from './warnings.ts'
import { at } from './where.ts'

/**
 * Checks rules and makes them ready. Throws `invalid_argument` naming what makes no sense by its place, such
 * as `groups[0].rules[2].when.type`. Rules that can never decide anything are no error; see `warnings`.
 *
 * ```ts
 * const rules = defineRules({
 *   rules: [
 *     { name: 'titles', when: { type: 'TitleSet' }, resolve: 'last-write-wins' },
 *     { name: 'profiles', when: { aggregate: 'user-*' }, resolve: 'merge-fields' },
 *   ],
 *   fallback: 'manual-review',
 * })
 * ```
 */
export function defineRules(init: RulesInit): RuleSet {
  fields('rules', init, at, rulesInitNames)
  const { revision = '', hooks = {}, groups = [], besideSnapshot = 'review' } = init
  if (revision !== '') text('revision', revision, at)
  oneOf('besideSnapshot', besideSnapshot, ['review', 'keep'], at)
  for (const [name, hook] of Object.entries(fields('hooks', hooks, at, ruleHooksNames)))
    optionalFunction(`hooks.${name}`, hook, at)
  const { steps, fallback } = compilePlan(init)
  const key = conflictKeyOf(init)
  const active = steps.filter(isActive)
  return new Rules({
    steps: active,
    fallback,
    hooks,
    conflictKey: key.of,
    besideSnapshot,
    hash: hashOf([
      revision,
      key.name,
      ...active.map(lineOf),
      fallback.description,
      // Nothing for the default: files of rules from before keep their hash.
      ...(besideSnapshot === 'keep' ? ['beside a snapshot keep'] : []),
    ]),
    warnings: warningsOf(steps),
    tally: new Tally(
      active.map(({ name }) => name),
      groups,
    ),
    describe: descriptionOf(init),
  })
}

const ruleHooksNames = {
  onConflict: true,
  onRuleMatched: true,
  onResolved: true,
  onFallback: true,
  onError: true,
} as const

const rulesInitNames: Known<RulesInit> = {
  rules: true,
  groups: true,
  fallback: true,
  conflictKey: true,
  conflictKeys: true,
  besideSnapshot: true,
  resolvers: true,
  conditions: true,
  revision: true,
  hooks: true,
}

/** Everything counts, and nothing is ever superseded. */
export const defaultRules: RuleSet = defineRules({})

function conflictKeyOf({ conflictKey = 'type', conflictKeys = {} }: RulesInit): {
  readonly name: string
  readonly of: ConflictKey
} {
  if (typeof conflictKey === 'function') return { name: 'a function', of: conflictKey }
  const known = {
    ...fields('conflictKeys', conflictKeys, at),
    type: byType,
    aggregate: byAggregate,
  }
  if (!Object.hasOwn(known, conflictKey)) {
    const names = Object.keys(known).join(', ')
    throw unwanted('conflictKey', conflictKey, `one of ${names}, or a function`, at)
  }
  const of = (known as Readonly<Record<string, ConflictKey>>)[conflictKey]
  optionalFunction(`conflictKeys.${conflictKey}`, of, at)
  return { name: `named ${conflictKey}`, of: of as ConflictKey }
}

function lineOf({ name, when, chosen }: Step): string {
  return JSON.stringify([name, textOf(when), (chosen as Chosen).description])
}

function hashOf(lines: readonly string[]): string {
  return systemRuntime.sha256(`rejoin-rules-1\n${JSON.stringify(lines)}`)
}

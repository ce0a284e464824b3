import { unwanted } from '../../errors/check.ts'
import type { BesideSnapshot, Rule, RuleGroup, RulesInit } from './rules-init.ts'
import { at } from './where.ts'

/** What is data in a `RulesInit`. As JSON or YAML, it is a file of rules. */
export interface RulesDescription {
  readonly rules: readonly DescribedRule[]
  readonly groups: readonly DescribedGroup[]
  readonly fallback: string
  readonly conflictKey: string
  readonly besideSnapshot?: BesideSnapshot
  readonly revision?: string
}

type DescribedRule = Rule & { readonly resolve: string }

interface DescribedGroup extends Omit<RuleGroup, 'rules' | 'groups' | 'fallback'> {
  readonly rules?: readonly DescribedRule[]
  readonly groups?: readonly DescribedGroup[]
  readonly fallback?: string
}

/** Takes a copy of checked rules; where code is among them, asking for it throws. */
export function descriptionOf(init: RulesInit): () => RulesDescription {
  const { rules = [], groups = [], fallback = 'additive', conflictKey = 'type', revision } = init
  const { besideSnapshot } = init
  const changed = {
    ...(besideSnapshot !== undefined && { besideSnapshot }),
    ...(revision !== undefined && { revision }),
  }
  const given: RulesInit = { rules, groups, fallback, conflictKey, ...changed }
  const code = firstCode(given)
  // Options were checked to have a JSON form, and everything else is texts, numbers, lists and the like.
  const text = code === undefined ? JSON.stringify(given) : ''
  return () => {
    if (code !== undefined) throw unwanted(code.path, code.value, 'registered and named', at)
    return JSON.parse(text) as RulesDescription
  }
}

interface Code {
  readonly path: string
  readonly value: unknown
}

function firstCode(init: RulesInit): Code | undefined {
  if (typeof init.conflictKey === 'function')
    return { path: 'conflictKey', value: init.conflictKey }
  return inGroup(init, '')
}

function inGroup(
  group: Pick<RuleGroup, 'rules' | 'groups' | 'fallback'>,
  path: string,
): Code | undefined {
  const { rules = [], groups = [], fallback } = group
  const choices = [
    ...rules.map(({ resolve }, index) => ({
      path: `${path}rules[${index}].resolve`,
      value: resolve as unknown,
    })),
    { path: `${path}fallback`, value: fallback },
  ]
  const found = choices.find(({ value }) => value !== undefined && typeof value !== 'string')
  if (found !== undefined) return found
  for (const [index, inner] of groups.entries()) {
    const code = inGroup(inner, `${path}groups[${index}].`)
    if (code !== undefined) return code
  }
  return undefined
}

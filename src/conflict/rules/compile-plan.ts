import { fields, text, trueOrFalse, unwanted, wholeNumber } from '../../errors/check.ts'
import { chooseResolver } from './choose-resolver.ts'
import { compileWhen } from './compile-when.ts'
import { always } from './condition.ts'
import type { Chosen, Step } from './plan.ts'
import type { Rule, RuleGroup, RulesInit } from './rules-init.ts'
import { at } from './where.ts'

/** All rules and fallbacks of groups in the order they are asked, disabled ones too; and the last resort. */
export function compilePlan(init: RulesInit): {
  readonly steps: Step[]
  readonly fallback: Chosen
} {
  const { fallback = 'additive', resolvers = {}, conditions = {} } = init
  fields('resolvers', resolvers, at)
  fields('conditions', conditions, at)
  const steps = stepsOf({ ...init, name: '' }, { path: '', prefix: '', disabledBy: undefined })
  return { steps, fallback: chooseResolver(fallback, undefined, 'fallback', resolvers) }

  function stepsOf(
    { rules = [], groups = [] }: Pick<RuleGroup, 'name' | 'rules' | 'groups'>,
    inside: Inside,
  ): Step[] {
    checkNames(rules, `${inside.path}rules`)
    checkNames(groups, `${inside.path}groups`)
    const own = rules.map((rule, index) => ({
      priority: priorityOf(rule, `${inside.path}rules[${index}]`),
      step: stepOf(rule, `${inside.path}rules[${index}]`, inside),
    }))
    return [
      ...own.toSorted((one, other) => other.priority - one.priority).map(({ step }) => step),
      ...groups.flatMap((group, index) =>
        groupSteps(group, `${inside.path}groups[${index}]`, inside),
      ),
    ]
  }

  function stepOf(rule: Rule, path: string, { prefix, disabledBy }: Inside): Step {
    const { name, when, resolve, options, enabled = true } = rule
    return {
      name: prefix + name,
      when: compileWhen(when, `${path}.when`, conditions),
      chosen: chooseResolver(resolve, options, `${path}.resolve`, resolvers),
      isFallback: false,
      enabled: trueOrFalse(`${path}.enabled`, enabled, at),
      disabledBy,
    }
  }

  function groupSteps(group: RuleGroup, path: string, { prefix, disabledBy }: Inside): Step[] {
    const { name, fallback, enabled = true } = group
    trueOrFalse(`${path}.enabled`, enabled, at)
    const inside = {
      path: `${path}.`,
      prefix: `${prefix}${name}.`,
      disabledBy: disabledBy ?? (enabled ? undefined : prefix + name),
    }
    const steps = stepsOf(group, inside)
    if (fallback === undefined) return steps
    const chosen = chooseResolver(fallback, undefined, `${path}.fallback`, resolvers)
    const last = { when: always, chosen, isFallback: true, enabled: true }
    return [...steps, { ...last, name: `${inside.prefix}fallback`, disabledBy: inside.disabledBy }]
  }
}

interface Inside {
  /** Where it stands in the data, for errors. */
  readonly path: string
  /** The names of the groups around it, with dots. */
  readonly prefix: string
  readonly disabledBy: string | undefined
}

function checkNames(items: readonly { readonly name: string }[], path: string): void {
  if (!Array.isArray(items)) throw unwanted(path, items, 'a list', at)
  const seen = new Set<string>()
  items.forEach((item, index) => {
    const where = `${path}[${index}]`
    const name = text(`${where}.name`, fields(where, item, at).name, at)
    if (name.includes('.') || name === 'fallback')
      throw unwanted(`${where}.name`, name, 'a name without dots, and not "fallback"', at)
    if (seen.has(name)) throw unwanted(`${where}.name`, name, `unlike the others in ${path}`, at)
    seen.add(name)
  })
}

function priorityOf({ priority = 0 }: Rule, path: string): number {
  return wholeNumber(`${path}.priority`, priority, at, { from: -1_000_000, to: 1_000_000 })
}

import { isActive, type Step } from './plan.ts'
import { isCoveredBy, type Term, termsOf } from './terms.ts'

/** A rule that can never decide a conflict. What isn't found to be so is not proven to be useful. */
export interface RuleWarning {
  /** With the names of its groups: `group.rule`. */
  readonly rule: string
  /**
   * `shadowed`: rules before it take all it could. `contradictory`: nothing fits its conditions. `disabled`:
   * one of its groups is.
   */
  readonly problem: 'shadowed' | 'contradictory' | 'disabled'
  /** The rules that shadow it, or its disabled group. */
  readonly by: readonly string[]
  /** The same as a sentence. */
  readonly message: string
}

export function warningsOf(steps: readonly Step[]): readonly RuleWarning[] {
  const warnings: RuleWarning[] = []
  const before: { readonly name: string; readonly term: Term }[] = []
  for (const step of steps) {
    const terms = termsOf(step.when)
    const warning = warningOf(step, terms, before)
    if (warning !== undefined) warnings.push(warning)
    else if (isActive(step))
      before.push(...(terms ?? []).map((term) => ({ name: step.name, term })))
  }
  return warnings
}

function warningOf(
  { name, enabled, disabledBy }: Step,
  terms: readonly Term[] | undefined,
  before: readonly { readonly name: string; readonly term: Term }[],
): RuleWarning | undefined {
  if (!enabled) return undefined
  if (disabledBy !== undefined)
    return warning(
      name,
      'disabled',
      [disabledBy],
      `is never asked: the group "${disabledBy}" is disabled`,
    )
  if (terms === undefined) return undefined
  if (terms.length === 0)
    return warning(name, 'contradictory', [], 'never fits: its conditions exclude each other')
  const covers = terms.map((term) => before.find((earlier) => isCoveredBy(term, earlier.term)))
  if (covers.some((cover) => cover === undefined)) return undefined
  const by = [...new Set(covers.map((cover) => cover?.name ?? ''))]
  const shown = by.map((one) => `"${one}"`).join(' and ')
  return warning(name, 'shadowed', by, `is never asked: ${shown} before it takes all it could`)
}

function warning(
  rule: string,
  problem: RuleWarning['problem'],
  by: readonly string[],
  text: string,
): RuleWarning {
  return { rule, problem, by, message: `the rule "${rule}" ${text}` }
}

import { isMap } from 'yaml'
import { defineRules, type RuleSet, type RulesInit } from '../conflict/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Form, Places } from './form.ts'
import { goForm, isGoForm } from './go-form.ts'
import type { RulesProblem } from './problem.ts'
import { rejoinForm } from './rejoin-form.ts'
import { type Node, Source } from './source.ts'

/** What files of rules name and code brings: see `RulesInit`. */
export type RulesCode = Pick<RulesInit, 'resolvers' | 'conditions' | 'conflictKeys' | 'hooks'>

/** What came of the text of a file. */
export interface CheckedRules {
  /** `undefined` when there is an error among the problems. */
  readonly rules: RuleSet | undefined
  /** All that were found, in the order of the text. */
  readonly problems: readonly RulesProblem[]
}

/**
 * Reads rules from YAML, of which JSON is a part. The keys are those of `RulesInit`; go-sync-kit's form is
 * read as well. Never throws for what the text says; `invalid_argument` for code that makes no sense.
 */
export function checkRules(text: string, code: RulesCode = {}): CheckedRules {
  const { resolvers = {}, conditions = {}, conflictKeys = {}, hooks = {} } = code
  // That registered functions make sense is not the file's business.
  defineRules({ resolvers, conditions, conflictKeys, hooks })
  const source = new Source(text)
  const { top } = source
  if (top === undefined) return { rules: undefined, problems: source.problems }
  const form: Form = isGoForm(top) ? goForm : rejoinForm
  const places: Places = { rules: new Map(), objects: new WeakMap() }
  const init = form(top, {
    source,
    resolvers: Object.keys(resolvers),
    conditions: Object.keys(conditions),
    conflictKeys: Object.keys(conflictKeys),
    places,
  })
  const rules = source.isBroken ? undefined : defined({ ...init, ...code }, top, source, places)
  for (const { rule, problem, message } of rules?.warnings ?? [])
    source.note(places.rules.get(rule), problem === 'disabled' ? 'note' : 'warning', message)
  return { rules, problems: source.problems }
}

/** What the forms let pass and `defineRules` does not is reported where it stands, as near as can be told. */
function defined(
  init: RulesInit,
  top: Node,
  source: Source,
  { objects }: Places,
): RuleSet | undefined {
  try {
    return defineRules(init)
  } catch (error) {
    if (!(error instanceof RejoinError)) throw error
    source.error(placeOf(String(error.details.option), init, objects) ?? top, error.message)
    return undefined
  }
}

/** The innermost node on a way such as `groups[0].rules[2].when.type`. */
function placeOf(path: string, init: RulesInit, objects: Places['objects']): Node | undefined {
  let value: unknown = init
  let node: Node | undefined
  for (const key of path.split(/[.[\]]+/)) {
    const known = node
    if (isMap(known)) node = (known.get(key, true) as Node | undefined) ?? known
    if (typeof value !== 'object' || value === null) continue
    value = (value as Readonly<Record<string, unknown>>)[key]
    if (typeof value === 'object' && value !== null) node = objects.get(value) ?? node
  }
  return node
}

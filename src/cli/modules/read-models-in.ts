import type { RuleSet } from '../../conflict/index.ts'
import { fields } from '../../errors/check.ts'
import type { AnyProjection } from '../../projection/index.ts'
import { checkRuleSet } from '../../sync/check-node.ts'
import { checkProjections } from '../../sync/read-models.ts'
import { failure } from '../misuse.ts'
import { type Exports, exportsOf, isObject, loadModule } from './load-module.ts'

/** What a module of the application says about its read models. */
export interface ReadModels {
  /** Each once. */
  readonly projections: readonly AnyProjection[]
  readonly rules: RuleSet | undefined
  readonly upcasters: object | undefined
}

/**
 * The projections that a module exports, each by itself or in lists, and what else their results depend on: `rules`
 * and `upcasters`, as a node has them.
 */
export async function readModelsIn(module: string): Promise<ReadModels> {
  const exported = await loadModule(module)
  const projections = [...new Set(Object.values(exported).flat().filter(isProjection))]
  if (projections.length === 0)
    throw failure(
      'invalid_argument',
      `${module} must export what projection() of rejoin/projection has made; ${exportsOf(exported)}`,
    )
  const { rules, upcasters } = exported
  try {
    checkProjections(projections, where)
    if (rules !== undefined) checkRuleSet(rules, where)
    if (upcasters !== undefined) fields('upcasters', upcasters as object, where)
  } catch (cause) {
    throw failure('invalid_argument', `${module}: ${(cause as Error).message}`, cause)
  }
  return {
    projections,
    rules: rules as RuleSet | undefined,
    upcasters: upcasters as object | undefined,
  }
}

function isProjection(value: unknown): value is AnyProjection {
  return isObject(value) && typeof value.name === 'string' && isObject(value.options as Exports)
}

const where = { operation: 'run', component: 'cli' }

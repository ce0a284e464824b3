import { type HistoryOf, historyOf, type RuleSet } from '../conflict/index.ts'
import type { EventStore } from '../contracts/index.ts'
import { fields, unwanted, type Where } from '../errors/check.ts'
import type { Logger } from '../ports/index.ts'
import { type AnyProjection, Projections, projection } from '../projection/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Evolution } from './evolution.ts'

/** What a node's read models see of its log: what `history()` sees. */
export function readModels(of: {
  readonly store: EventStore
  readonly rules: RuleSet | undefined
  readonly upcasters: object | undefined
  readonly evolution: Evolution
  readonly projections: readonly AnyProjection[] | undefined
  readonly runtime: Runtime
  readonly logger: Logger
}): Projections {
  const { store, rules, upcasters, evolution, runtime, logger } = of
  const history: HistoryOf | undefined = rules && historyOf(rules)
  const all = new Projections({
    store,
    runtime,
    logger,
    rules: meaningOf(rules, upcasters),
    ...(history && { history }),
    ...(upcasters && { read: evolution.read }),
  })
  for (const one of of.projections ?? []) all.project(one as never)
  if (of.projections !== undefined && of.projections.length > 0) all.start()
  return all
}

export function checkProjections(value: unknown, where: Where): void {
  if (!Array.isArray(value)) throw unwanted('projections', value, 'a list of projections', where)
  for (const one of value) {
    const { options } = fields<Partial<AnyProjection>>('projections[]', one, where)
    projection(fields('projections[].options', options as never, where))
  }
}

/** Other rules, or another schema version of any type, and all is to be folded anew. */
export function meaningOf(rules: RuleSet | undefined, upcasters: object | undefined): string {
  return `rules ${rules?.hash ?? ''} upcasters ${stepsOf(upcasters)}`
}

function stepsOf(upcasters: object = {}): string {
  const steps = Object.entries(upcasters).map(([type, list]) => [type, (list as unknown[]).length])
  return JSON.stringify(steps.sort())
}

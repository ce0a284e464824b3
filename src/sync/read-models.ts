import type { EventStore } from '../contracts/index.ts'
import { fields, unwanted, type Where } from '../errors/check.ts'
import type { Logger } from '../ports/index.ts'
import { type AnyProjection, Projections, projection } from '../projection/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Meaning } from './meaning.ts'

/** What a node's read models see of its log: what `history()` sees. */
export function readModels(of: {
  readonly store: EventStore
  readonly meaning: Meaning
  /** Whether what is read is not what is stored. */
  readonly isUpcast: boolean
  readonly projections: readonly AnyProjection[] | undefined
  readonly runtime: Runtime
  readonly logger: Logger
}): Projections {
  const { store, meaning, isUpcast, runtime, logger } = of
  const { history, rules } = meaning.folded()
  const all = new Projections({
    store,
    runtime,
    logger,
    rules,
    ...(history && { history }),
    ...(isUpcast && { read: (event) => meaning.read(event) }),
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

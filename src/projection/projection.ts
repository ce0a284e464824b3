import { checkProjection } from './check-projection.ts'
import type { AnyEvents, ProjectionOptions } from './projection-options.ts'

/** A projection of whatever events and states. */
export interface AnyProjection {
  readonly name: string
  readonly options: object
}

/** A checked projection; `Events` and `State` are what its folds were written for. */
export interface Projection<Events extends object = AnyEvents, State = unknown> {
  readonly name: string
  readonly options: ProjectionOptions<Events, State>
}

/**
 * A read model: for each key, the fold of its events in effective order. Throws `invalid_argument` for what
 * makes no sense.
 *
 * ```ts
 * const balances = projection<Events, number>({
 *   name: 'balances',
 *   initial: 0,
 *   on: { MoneyPaidIn: (balance, event) => balance + event.data.amount },
 * })
 * ```
 */
export function projection<Events extends object, State>(
  options: ProjectionOptions<Events, State>,
): Projection<Events, State> {
  checkProjection(options)
  return { name: options.name, options }
}

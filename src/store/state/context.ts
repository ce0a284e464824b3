import type { HybridClock } from '../../clock/index.ts'
import type { StateMoment, StatePolicies } from '../../contracts/index.ts'
import type { LinkContext, ReaderContext } from '../log/index.ts'
import type { StateTables } from './tables.ts'

/** One open storage, as its rules need it. */
export interface StateContext extends LinkContext, ReaderContext {
  readonly tables: StateTables
  readonly clock: HybridClock
  readonly policies: StatePolicies
}

export function momentOf({ tables, clock }: StateContext): StateMoment {
  const { position, horizon, clock: kept } = tables.meta
  // Another process may have gone on.
  return { end: position, horizon, clock: kept > clock.last ? kept : clock.last }
}

export { patternFilter } from '../../contracts/index.ts'
export { cachedState } from './cached-state.ts'
export { commit } from './commit.ts'
export type { StateContext } from './context.ts'
export { firstAtLeast } from './first-at-least.ts'
export { lastWriteWins, policiesFor } from './policies.ts'
export { rowsOf } from './reading.ts'
export { RowIndex } from './row-index.ts'
export { afterAll } from './sorted-paths.ts'
export {
  checkedStateOptions,
  freshStateMeta,
  type StateStorageOptions,
  stateStorageOptionNames,
} from './state-options.ts'
export { type StateEngine, StateStore } from './state-store.ts'
export type { FeedEnd, Row, StateMeta, StateTables } from './tables.ts'

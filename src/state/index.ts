export { StateObject } from '../contracts/index.ts'
export { JsonText } from './json-text.ts'
export { openState, type StateOptions } from './open-state.ts'
export type {
  Absent,
  CallOptions,
  Change,
  Deleted,
  Expected,
  Kept,
  KeyPage,
  KeysOptions,
  ListOptions,
  Notice,
  PatchForm,
  PatchOptions,
  Snapshot,
  Stale,
  State,
  StateWrite,
  WriteOptions,
  WriteOutcome,
  Written,
} from './state.ts'
export { StateTree } from './state-tree.ts'

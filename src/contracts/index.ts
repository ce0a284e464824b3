export type { EffectiveEvent, HistoryOf } from './effective.ts'
export type {
  Appended,
  AppendOptions,
  Compacted,
  CompactionKept,
  CompactionProgress,
  CompactionReader,
  CompactOptions,
  Entries,
  Entry,
  Erased,
  Erasure,
  EventStore,
  Expected,
  ReadRange,
  Stale,
  StoreStatus,
} from './event-store.ts'
export { patternFilter, patternFilterFrom } from './pattern-filter.ts'
export type {
  ProjectionSink,
  SinkCommit,
  SinkEntry,
  SinkRange,
  SinkWrite,
} from './projection-sink.ts'
export type { Parked, Receipt, RejectReason } from './receipt.ts'
export type {
  Applied,
  Batch,
  ChangePage,
  Confirmation,
  Identity,
  LeftOut,
  LinkState,
  Page,
  PeerKnowledge,
  Replica,
  Reset,
  Settlement,
  Want,
} from './replica.ts'
export type { Branch, Conflict, Resolution, Resolver } from './resolver.ts'
export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'
export type { StateChange, StateRow } from './state-change.ts'
export {
  changeSize,
  compareChanges,
  LinkedChange,
  lastWriteWins,
  sameChange,
  timeOf,
} from './state-change.ts'
export { emptyObjectText, objectOf, StateObject, type StateObjectInit } from './state-object.ts'
export {
  coversPattern,
  fixedPrefix,
  indexOfPath,
  isGlob,
  listOf,
  longestPath,
  matchesPattern,
  pathProblem,
  patternProblem,
  patternsOverlap,
  reservedNames,
  targetProblem,
} from './state-path.ts'
export { Patterns } from './state-patterns.ts'
export type { StatePolicies, StatePolicy } from './state-policy.ts'
export type {
  Collection,
  FeedRange,
  Forgetting,
  Forgotten,
  LateRange,
  LateWrite,
  PathRange,
  StateCommit,
  StateCommitted,
  StateFeed,
  StateFound,
  StateList,
  StateMoment,
  StateOrder,
  StatePaths,
  StateRange,
  StateRows,
  StateStale,
  StateStatus,
  StateStorage,
  Sweep,
  Swept,
} from './state-storage.ts'
export type {
  Hello,
  LiveWant,
  PullWant,
  PushAnswer,
  PushBatch,
  PushReset,
  Standing,
  Transport,
  Welcome,
} from './transport.ts'

export type { StandardIssue, StandardResult, StandardSchema } from '../contracts/index.ts'
export type {
  BlockCause,
  Blocked,
  Explanation,
  LinkClosing,
  LinkPhase,
  LinkStatistics,
  RetryPolicy,
  Transition,
  Unsent,
} from '../link/index.ts'
export type { NodeAppendOptions } from './append-options.ts'
export { type SyncNodeBuilder, syncNode } from './builder.ts'
export type { RulesChange } from './changed-rules.ts'
export type { NodeCompactOptions } from './compacting.ts'
export type { ConflictRange } from './conflict-range.ts'
export type { Decider, Decision } from './decide.ts'
export type { Confirmed } from './log-node.ts'
export type { SyncNodeOptions } from './node-options.ts'
export type { NodeLink, UnsentThere } from './remotes.ts'
export type { Snapshot, SnapshotFold, SnapshotOptions } from './snapshotting.ts'
export { type NodeClosed, type RemoteSyncOptions, SyncNode } from './sync-node.ts'
export type { SyncOptions } from './sync-options.ts'
export type { SyncResult } from './sync-result.ts'
export type { AnyEvents, EffectiveEventOf, EventMap, EventOf, NewEventOf } from './typed-events.ts'
export type { EventSchemas, UnknownTypes } from './validation.ts'

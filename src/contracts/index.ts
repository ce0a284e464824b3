export type { EffectiveEvent, HistoryOf } from './effective.ts'
export type {
  Appended,
  AppendOptions,
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
export type {
  Hello,
  LiveWant,
  PullWant,
  PushAnswer,
  PushBatch,
  Transport,
  Welcome,
} from './transport.ts'

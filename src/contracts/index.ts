export type {
  Appended,
  AppendOptions,
  Entries,
  Entry,
  EventStore,
  Expected,
  ReadRange,
  Stale,
  StoreStatus,
} from './event-store.ts'
export type { Parked, Receipt, RejectReason } from './receipt.ts'
export {
  type Applied,
  type Batch,
  type ChangePage,
  type Identity,
  type LinkState,
  type Page,
  type PeerKnowledge,
  type Replica,
  type Reset,
  type Settlement,
  type Want,
} from './replica.ts'
export type { Hello, PushAnswer, PushBatch, PullWant, Transport, Welcome } from './transport.ts'

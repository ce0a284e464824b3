export type { Decider, Decision } from './decide.ts'
export {
  SyncNode,
  type SyncNodeOptions,
  type SyncOptions,
} from './sync-node.ts'
export type { SyncResult } from './sync-result.ts'
export type { AnyEvents, EventMap, EventOf, NewEventOf } from './typed-events.ts'

export type { Decider, Decision } from './decide.ts'
export type { SyncOptions } from './runs.ts'
export {
  SyncNode,
  type SyncNodeOptions,
} from './sync-node.ts'
export type { SyncResult } from './sync-result.ts'
export type { AnyEvents, EventMap, EventOf, NewEventOf } from './typed-events.ts'

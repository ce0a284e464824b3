export { StateObject } from '../contracts/index.ts'
export { JsonText } from '../json/json-text.ts'
export type { PatchForm } from '../json/patch/patched.ts'
export { type ConnectOptions, connectState } from './connect-state.ts'
export type { Connectivity, SubscribeOptions, Subscription } from './live/subscription.ts'
export { type IndexedDbQueueOptions, indexedDbQueue } from './queue/indexed-db-queue.ts'
export {
  memoryQueue,
  type OfflineOptions,
  type QueuedWrite,
  type QueueStorage,
} from './queue/queue-storage.ts'
export type {
  KeyPage,
  KeysOptions,
  ListOptions,
  PatchOptions,
  StateClient,
  WriteOptions,
  Written,
} from './state-client.ts'

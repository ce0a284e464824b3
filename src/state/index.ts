export {
  type LateWrite,
  type StandardSchema,
  StateObject,
  type StatePolicy,
} from '../contracts/index.ts'
export { JsonText } from '../json/json-text.ts'
export type { PatchForm } from '../json/patch/patched.ts'
export { cachedState, lastWriteWins } from '../store/state/index.ts'
export type { CollectingOptions } from './collecting.ts'
export { type StateLinkTransportOptions, stateLinkTransport } from './link-transport.ts'
export { openState, type StateOptions } from './open-state.ts'
export { firstWriteWins } from './policies/first-write-wins.ts'
export { mergeFields } from './policies/merge-fields.ts'
export type { CorsOptions } from './server/cors.ts'
export {
  defineMethod,
  type EndpointCall,
  type EndpointMethod,
  type StateEndpoint,
} from './server/endpoint.ts'
export { type StateFilter, type StateLimit, withData } from './server/filter.ts'
export type { StatePeer } from './server/live/state-peer.ts'
export type { ProxyResolver, StateProxy } from './server/proxy/proxies.ts'
export type { ServedCluster } from './server/served-cluster.ts'
export type { Middleware, StateServerOptions } from './server/server-options.ts'
export { type Admission, type StateServer, stateServer } from './server/state-server.ts'
export type {
  Absent,
  CallOptions,
  Change,
  Deleted,
  Expected,
  Kept,
  KeyPage,
  KeysOptions,
  LateOptions,
  ListOptions,
  Notice,
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

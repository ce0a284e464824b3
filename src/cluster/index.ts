export type { AttachOptions } from './attach.ts'
export {
  Cluster,
  type ClusterClosed,
  openCluster,
  type SignalOptions,
  type SynchronizeOptions,
} from './cluster.ts'
export { ClusterState, type Until } from './cluster-state.ts'
export type { ClusterMetrics, KeyMeasure } from './configuration/cluster-metrics.ts'
export type { ClusterKey, ClusterOptions } from './configuration/cluster-options.ts'
export type { KeyPlan } from './configuration/key-plan.ts'
export type { ConfirmOptions } from './freshness/confirming.ts'
export type { Freshness } from './freshness/freshness.ts'
export {
  type ClusterServer,
  type ClusterServerOptions,
  clusterServer,
} from './http/cluster-server.ts'
export { type HttpNetworkOptions, httpPeerNetwork } from './http/network.ts'
export { type ServedClusterOptions, servedCluster } from './http/served-cluster.ts'
export type { ForgottenKey } from './leadership/followed-leaders.ts'
export type { UnsentToPeer } from './links/cluster-links.ts'
export type { LinkReason, PeerKind } from './links/desired-links.ts'
export type { RefusedWrite } from './links/refused.ts'
export type { PathOptions } from './path-options.ts'
export type { Compared, KeyAbout, PeerAbout, PeerNetwork, RejoinAbout } from './peer-network.ts'
export type { PeerHealth } from './peers/peer.ts'
export type { Notices } from './pivot/notices.ts'
export type { PivotRouteCounts } from './pivot/route-options.ts'
export type { Held } from './pivot/take-held.ts'
export type { WireObject } from './pivot/wire-object.ts'
export type { Promoted } from './promote.ts'
export type { Comparison, Stretch } from './proofs/comparison.ts'
export type { KeyProof, Proven } from './proofs/proofs.ts'
export type { AtOwnAddress } from './status/own-address.ts'
export type {
  ClusterRole,
  ClusterStatus,
  KeyStatus,
  PeerLinkStatus,
  PeerStatus,
} from './status/status.ts'

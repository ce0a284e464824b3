export type { AttachOptions } from './attach.ts'
export {
  Cluster,
  type ClusterClosed,
  openCluster,
  type SignalOptions,
  type SynchronizeOptions,
} from './cluster.ts'
export type { UnsentToPeer } from './cluster-links.ts'
export type { ClusterMetrics, KeyMeasure } from './cluster-metrics.ts'
export type { ClusterKey, ClusterOptions } from './cluster-options.ts'
export { ClusterState, type Until } from './cluster-state.ts'
export type { ConfirmOptions } from './confirming.ts'
export type { LinkReason, PeerKind } from './desired-links.ts'
export type { Comparison, Stretch } from './fingerprints/comparison.ts'
export type { ForgottenKey } from './followed-leaders.ts'
export type { Freshness } from './freshness.ts'
export {
  type ClusterServer,
  type ClusterServerOptions,
  clusterServer,
} from './http/cluster-server.ts'
export { type HttpNetworkOptions, httpPeerNetwork } from './http/network.ts'
export { type ServedClusterOptions, servedCluster } from './http/served-cluster.ts'
export type { KeyPlan } from './key-plan.ts'
export type { Notices } from './notices.ts'
export type { AtOwnAddress } from './own-address.ts'
export type { PathOptions } from './path-options.ts'
export type { PeerHealth } from './peer.ts'
export type { Compared, KeyAbout, PeerAbout, PeerNetwork, RejoinAbout } from './peer-network.ts'
export type { PivotRouteCounts } from './pivot/route-options.ts'
export type { Held } from './pivot/take-held.ts'
export type { WireObject } from './pivot/wire-object.ts'
export type { Promoted } from './promote.ts'
export type { KeyProof, Proven } from './proofs.ts'
export type { RefusedWrite } from './refused.ts'
export type { ClusterRole, ClusterStatus, KeyStatus, PeerLinkStatus, PeerStatus } from './status.ts'

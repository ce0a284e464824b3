import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { StateTree } from '../../state/index.ts'
import type { PeerNetwork } from '../peer-network.ts'
import type { ClusterMetrics } from './cluster-metrics.ts'

/** How a server takes part in a cluster; checked as a whole before anything happens. Times are milliseconds. */
export interface ClusterOptions {
  /** What is shared, or a part of it. It stays open when the cluster is closed. */
  readonly state: StateTree
  /**
   * The cluster's name, the same on all its servers: 1 to 100 printable ASCII characters. A server with another one is never
   * linked with, and is refused when it calls. Servers without a name are taken for this cluster's, as all are
   * without this.
   */
  readonly name?: string
  /** What is shared; nothing else travels. */
  readonly keys: readonly ClusterKey[]
  /**
   * The leader's address, `host:port`. Absent, or this server's own: this server leads. What somebody has decided
   * since with `promote` goes before it.
   */
  readonly leader?: string
  /**
   * The list in which servers announce themselves, such as `things/*`: objects with `ip` (or `IP`) and `port` (or
   * `Port`) above 0. Shared like the keys.
   */
  readonly nodesKey?: string
  /** Further servers' addresses. */
  readonly nodes?: readonly string[]
  /** Where others reach this server. Needed to be promoted. */
  readonly address?: string
  /** Writes and refreshes this server's own entry under `nodesKey`. Default `false`; needs both. */
  readonly advertise?: boolean
  readonly network: PeerNetwork
  /** Begins by itself; else with `start()`. Default `true`. */
  readonly syncOnStart?: boolean
  /** From one look at each peer to the next. Default 3,000. */
  readonly probeInterval?: number
  /** How long a peer may take to say that it is there. Default 1,500. */
  readonly probeTimeout?: number
  /** How long a call to a peer may take. Default 30,000. */
  readonly timeout?: number
  /** How often a leader that sends nothing by itself is asked. Default 30,000. */
  readonly interval?: number
  /**
   * From one proof that this server holds what its leaders hold to the next; 0: none. A proof is one small message
   * where they do. Default 60,000.
   */
  readonly proofInterval?: number
  /** The longest that a read waits for the leader. Default 200. */
  readonly readLimit?: number
  readonly logger?: Logger
  /** Counts comparisons, and the defects that they find. Default: nothing is counted. */
  readonly metrics?: ClusterMetrics
  readonly runtime?: Runtime
  /** Gives up opening. Once it is open, this has no effect. */
  readonly signal?: AbortSignal
}

/** What is shared, and with whom. */
export interface ClusterKey {
  /** A path such as `settings`, or a list such as `users/*`. */
  readonly path: string
  /** The name of the storage it lives in. Default `main`. */
  readonly storage?: string
  /** Another leader than the cluster's, for this key. */
  readonly leader?: string
  /** This server leads it, whoever leads the others and whatever is decided. Default `false`. */
  readonly local?: boolean
  /**
   * What becomes of what is here of it when the configuration names another leader than last time: `keep`, the
   * default, gives it to the new one. `forget` drops it at the start, unsent writes too, without a delete that
   * others would hear of, and begins anew from the new leader. A promotion forgets nothing, nor does a configuration
   * that names who was promoted, or makes this server lead.
   */
  readonly onLeaderChange?: 'keep' | 'forget'
}

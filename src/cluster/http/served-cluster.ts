import { fields } from '../../errors/check.ts'
import type { ServedCluster } from '../../state/server/served-cluster.ts'
import type { Cluster } from '../cluster.ts'
import { at, checkCluster } from '../configuration/check-options.ts'
import { nodeStatusBody, rfc3339 } from '../pivot/node-status.ts'
import { nodeStatusOf } from './node-status-of.ts'

/** Which part of a tree the state server serves. */
export interface ServedClusterOptions {
  /** The name of its storage. Default `main`. */
  readonly storage?: string
}

/**
 * A server's part in a cluster, for its state server: `stateServer(state, { cluster: servedCluster(cluster) })`. Reads
 * are brought level with the leader where that is quickly done, and answers tell how fresh they are:
 *
 *     rejoin-as-of: 2026-11-22T10:00:00Z      all that the leader had then is in it; absent when nobody knows
 *     rejoin-leader-reachable: true
 *     rejoin-pending-writes: 1                here, which the leader has not confirmed
 *     rejoin-refused-writes: 1                among them, of this key, which it refuses; absent for none
 *     rejoin-refused-reasons: invalid
 *
 * A state server of another storage than `main` says so: `stateServer(state.storage('fleet'), { cluster:
 * servedCluster(cluster, { storage: 'fleet' }) })`. Throws `invalid_argument` for a storage that is none.
 */
export function servedCluster(cluster: Cluster, options: ServedClusterOptions = {}): ServedCluster {
  checkCluster(cluster, at('serve'))
  const { storage = 'main' } = fields('options', options, at('serve'), { storage: true })
  cluster.state(storage) // throws for none
  const of = { storage }
  return {
    beforeRead: async (path) => {
      // What leads, or shares it with nobody, has nothing to wait for.
      if (!cluster.leads(path)) await cluster.beforeRead(path, of)
    },

    async headers(path) {
      const { asOf, leaderReachable, pendingWrites, refused } = await cluster.freshness(path, of)
      return {
        ...(asOf !== undefined && { 'rejoin-as-of': rfc3339(asOf) }),
        'rejoin-leader-reachable': String(leaderReachable),
        'rejoin-pending-writes': String(pendingWrites),
        ...(refused && {
          'rejoin-refused-writes': String(refused.length),
          'rejoin-refused-reasons': [...new Set(refused.map(({ reason }) => reason))].join(', '),
        }),
      }
    },

    shown() {
      const { leader } = cluster
      const peer = cluster.peers.find(({ address }) => address === leader)
      return {
        role: cluster.role,
        pivotIP: leader ?? '',
        nodes:
          cluster.role === 'node'
            ? []
            : cluster.peers.map((one) => nodeStatusBody(nodeStatusOf(one))),
        syncedKeys: cluster.keys.map(({ path }) => path),
        // Of whoever is followed: a server that leads has nobody to lose.
        pivotHealthy: cluster.role === 'pivot' || (peer?.healthy ?? false),
        pivotLastCheck: peer?.lastCheck === undefined ? '' : rfc3339(peer.lastCheck),
        pivotProtocol: peer?.protocol ?? '',
        pivotCompatible: peer?.compatible ?? false,
      }
    },
  }
}

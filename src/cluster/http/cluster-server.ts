import type { StateStorage } from '../../contracts/index.ts'
import { fields, optionalLogger, optionalRuntime } from '../../errors/check.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { stateLinkHandler } from '../../transport/http/index.ts'
import { type NativeSockets, stateLinkSockets } from '../../transport/websocket/index.ts'
import type { Cluster } from '../cluster.ts'
import { carriedChanges, carriedMessages, carriedRequests } from '../configuration/carried.ts'
import { at, checkCluster } from '../configuration/check-options.ts'
import type { PivotKey } from '../pivot/pivot-keys.ts'
import { pivotRoutes } from '../pivot/routes.ts'
import { aboutBody } from './about-wire.ts'
import { nodeStatusOf } from './node-status-of.ts'
import { nothingThere, ownRoutes } from './own-routes.ts'
import { refusedCaller } from './refused-caller.ts'
import { sharedReplica } from './shared-replica.ts'

/** How a cluster's server listens to the others. */
export interface ClusterServerOptions {
  readonly logger?: Logger
  readonly runtime?: Runtime
}

/** What the other servers of a cluster call: `serve` mounts it, and so can a server of your own. */
export interface ClusterServer {
  /** Answers everything below `/_pivot/` and `/_rejoin/`. Rejects only with the reason of the request's signal. */
  readonly handle: (request: Request) => Promise<Response>
  /** What is served over WebSockets at a path below `/_rejoin/`. */
  readonly sockets: (path: string) => NativeSockets | undefined
}

/**
 * Serves a server's part in a cluster to the others: links with our own kind, and the routes of protocol 2.0. Who may
 * call it may read and write all that is shared: show the door to everybody else.
 */
export function clusterServer(cluster: Cluster, options: ClusterServerOptions = {}): ClusterServer {
  const where = at('serve')
  checkCluster(cluster, where)
  const given = fields('options', options, where, { logger: true, runtime: true })
  const { logger = silentLogger, runtime = systemRuntime } = given
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  const authorize = async (request: Request) => (await refusedCaller(cluster, request)) ?? true
  const storages = new Map<string, Served>()
  const limits = { ...carriedRequests, ...carriedChanges }
  const servedAs = (name: string): Served | undefined => {
    const storage = cluster.replica(name)
    if (storage === undefined) return undefined
    const known = storages.get(name)
    if (known !== undefined) return known
    const shared = sharedReplica(storage, name, cluster)
    const served: Served = {
      handle: stateLinkHandler(shared, { name, limits, logger, runtime }),
      sockets: stateLinkSockets(shared, { authorize, limits: carriedMessages, logger, runtime }),
    }
    storages.set(name, served)
    return served
  }
  const pivot = pivotRoutes({
    keys: keysOf(cluster),
    about: async (signal) => aboutBody(await cluster.about(signal)),
    nodes: () => (cluster.role === 'node' ? [] : cluster.peers.map(nodeStatusOf)),
    onChange: (change) => cluster.notices.coming(change),
    onNewer: (key, originator) => cluster.notices.tell(originator, key),
    mayTell: (key) => cluster.notices.mayTell(key),
    shown: (key, latest) => cluster.notices.shown(key, latest),
    counts: cluster.notices.counts,
    limits: carriedRequests,
    isNode: (address) => cluster.peers.some((peer) => peer.address === address),
    onTrigger: (trigger) =>
      cluster.synchronize(trigger.kind === 'pull' && trigger.key ? { key: trigger.key } : {}),
    logger,
    runtime,
  })

  const own = ownRoutes(cluster, { logger, runtime })
  const rejoin = (request: Request): Promise<Response> => {
    const name = /^\/_rejoin\/state\/([^/]+)\//.exec(new URL(request.url).pathname)?.[1]
    const served = name === undefined ? undefined : servedAs(name)
    return own(request) ?? served?.handle(request) ?? nothingThere(request)
  }

  return {
    handle: async (request) => {
      const { pathname } = new URL(request.url)
      // Who is of another cluster has to be able to find out.
      if (pathname !== '/_pivot/version') {
        const refusal = await refusedCaller(cluster, request)
        if (refusal !== undefined) return refusal
      }
      return pathname.startsWith('/_pivot/') ? pivot.handle(request) : rejoin(request)
    },
    sockets: (path) => {
      const name = /^\/_rejoin\/state\/([^/]+)\/ws$/.exec(path)?.[1]
      return name === undefined ? undefined : servedAs(name)?.sockets
    },
  }
}

interface Served {
  readonly handle: (request: Request) => Promise<Response>
  readonly sockets: NativeSockets
}

/** A list that is the same as long as what is shared is. */
function keysOf(cluster: Cluster): () => readonly PivotKey[] {
  let from: unknown
  let keys: readonly PivotKey[] = []
  return () => {
    if (cluster.keys === from) return keys
    from = cluster.keys
    keys = cluster.keys.map(({ path, storage }) => ({
      path,
      storage: cluster.replica(storage) as StateStorage,
    }))
    return keys
  }
}

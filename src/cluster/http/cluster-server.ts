import type { StateStorage } from '../../contracts/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { responseTo } from '../../transport/http/answer.ts'
import { Budget } from '../../transport/http/budget.ts'
import { acceptsGzip } from '../../transport/http/gzip.ts'
import { stateLinkHandler } from '../../transport/http/index.ts'
import { defaultStateTransfer, transferLimits } from '../../transport/http/limits.ts'
import { problem, problemOf, verdictOf } from '../../transport/http/problem.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { type NativeSockets, stateLinkSockets } from '../../transport/websocket/index.ts'
import type { Cluster } from '../cluster.ts'
import type { PeerHealth } from '../peer.ts'
import type { PivotNodeStatus } from '../pivot/node-status.ts'
import type { PivotKey } from '../pivot/pivot-keys.ts'
import { pivotRoutes } from '../pivot/routes.ts'
import { aboutBody } from './about-wire.ts'
import { answerComparison } from './comparing.ts'
import { sharedReplica } from './shared-replica.ts'

/** How a cluster's server listens to the others. */
export interface ClusterServerOptions {
  readonly logger?: Logger
  readonly runtime?: Runtime
}

/** What the other servers of a cluster call: `serve` mounts it, and so can a server of your own. */
export interface ClusterServer {
  readonly cluster: Cluster
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
  const { logger = silentLogger, runtime = systemRuntime } = options
  const limits = transferLimits({}, defaultStateTransfer)
  const budget = new Budget(limits.bufferedBytes)
  const storages = new Map<string, Served>()
  const servedAs = (name: string): Served | undefined => {
    const storage = cluster.replica(name)
    if (storage === undefined) return undefined
    const known = storages.get(name)
    if (known !== undefined) return known
    const shared = sharedReplica(storage, () => cluster.patterns(name))
    const served: Served = {
      handle: stateLinkHandler(shared, { name, logger, runtime }),
      sockets: stateLinkSockets(shared, { logger, runtime }),
    }
    storages.set(name, served)
    return served
  }
  const pivot = pivotRoutes({
    keys: keysOf(cluster),
    about: () => aboutBody(cluster.about()),
    nodes: () => (cluster.role === 'node' ? [] : cluster.peers.map(nodeStatus)),
    isNode: (address) => cluster.peers.some((peer) => peer.address === address),
    onTrigger: (trigger) =>
      cluster.synchronize(trigger.kind === 'pull' && trigger.key ? { key: trigger.key } : {}),
    logger,
    runtime,
  })

  const rejoin = async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    const [, , name = '', rest] = url.pathname.slice(1).split('/')
    const served = url.pathname.startsWith('/_rejoin/state/') ? servedAs(name) : undefined
    if (served === undefined) return notFound(request, 'no state is shared at this path')
    if (rest !== 'compare') return served.handle(request)
    try {
      if (request.method !== 'POST') return await notFound(request, 'comparisons are POSTed')
      const answer = budget.during((allowance) =>
        answerComparison(
          { request, url, allowance },
          { limits, runtime },
          (key, stretches, signal) => cluster.compare({ storage: name, key, stretches }, signal),
        ),
      )
      return await responseTo(request, await untilAborted(request.signal, answer), compression)
    } catch (error) {
      request.signal.throwIfAborted()
      const verdict = verdictOf(error)
      if (verdict.status === 500) logger.error('a comparison failed', { storage: name, error })
      return responseTo(request, problemOf(verdict), compression)
    }
  }

  return {
    cluster,
    handle: (request) =>
      new URL(request.url).pathname.startsWith('/_pivot/')
        ? pivot.handle(request)
        : rejoin(request),
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

function nodeStatus({
  address,
  healthy = false,
  lastCheck,
  protocol,
}: PeerHealth): PivotNodeStatus {
  return {
    address,
    healthy,
    protocol: protocol ?? 'unknown',
    ...(lastCheck !== undefined && { lastCheck }),
  }
}

async function notFound(request: Request, message: string): Promise<Response> {
  return responseTo(request, problem(404, { code: 'not_found', message }), compression)
}

const compression = { compress: true, threshold: 1_024, acceptsGzip }

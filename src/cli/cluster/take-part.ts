import {
  type Cluster,
  type ClusterServer,
  type ClusterStatus,
  clusterServer,
  httpPeerNetwork,
  openCluster,
  servedCluster,
} from '../../cluster/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { StateServerOptions, StateTree } from '../../state/index.ts'
import { counted } from '../terminal/figures.ts'
import { clusterNews } from './cluster-news.ts'
import type { ClusterPlan } from './cluster-plan.ts'
import { guardedStatus, publishStatus } from './published-status.ts'

export interface TakingPart {
  readonly tree: StateTree
  readonly plan: ClusterPlan
  /** Shown to the other servers. */
  readonly token: string | undefined
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** A server's part in a cluster. */
export interface Part {
  /** What the others call. */
  readonly server: ClusterServer
  /** For the state server. */
  readonly forState: Pick<StateServerOptions, 'cluster' | 'filters'>
  /** Says who leads what, and begins. */
  begin(): Promise<void>
  /** Brings the leaders what they lack, if that is quickly done. */
  close(): Promise<void>
}

export async function takePart(options: TakingPart): Promise<Part> {
  const { tree, plan, token, logger, signal } = options
  const { address } = plan
  const cluster = await openCluster({
    ...plan,
    state: tree,
    network: httpPeerNetwork({
      ...(token !== undefined && { token }),
      ...(address !== undefined && { address }),
      logger,
    }),
    // Once it can answer others as well.
    syncOnStart: false,
    logger,
    signal,
  })
  let told: ClusterStatus | undefined
  const tell = (status: ClusterStatus) => {
    for (const { level, message, fields } of clusterNews(told, status))
      logger[level](message, fields)
    told = status
  }
  const stopPublishing = publishStatus(cluster, tree, logger)
  return {
    server: clusterServer(cluster, { logger }),
    forState: { cluster: servedCluster(cluster), filters: guardedStatus },
    async begin() {
      tell(await cluster.status())
      cluster.onStatus(tell)
      cluster.start()
      await warnOfAddress(cluster, logger, signal)
    },
    async close() {
      await stopPublishing()
      const { peers } = await cluster.close()
      for (const { address, unsent } of peers) {
        const left = unsent === undefined ? 'nobody knows' : counted(unsent.count, 'write')
        if (unsent?.count !== 0)
          logger.warn('a server lacks writes, which go when both run again', {
            ...{ peer: address, unsent: `${unsent?.more ? 'at least ' : ''}${left}` },
          })
      }
    },
  }
}

/** Settings that were copied with their --advertise make two servers pass for one. */
async function warnOfAddress(cluster: Cluster, logger: Logger, signal: AbortSignal): Promise<void> {
  const there = await cluster.atOwnAddress(signal).catch(() => undefined)
  if (there === undefined || there.kind === 'self') return
  const { address } = there
  if (there.kind === 'nobody')
    logger.warn('this server does not reach itself where --advertise sends the others', {
      ...{ address, error: there.error },
    })
  else
    logger.warn(
      'another server answers at the address of this one: each needs its own --advertise',
      {
        ...{ address, ...(there.node !== undefined && { node: there.node }) },
      },
    )
}

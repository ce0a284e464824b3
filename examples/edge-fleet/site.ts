import { join } from 'node:path'
import {
  type Cluster,
  clusterServer,
  httpPeerNetwork,
  openCluster,
  servedCluster,
} from 'rejoin/cluster'
import { serve } from 'rejoin/server'
import { openState, type StateTree, stateServer } from 'rejoin/state'
import { SqliteStateStorage } from 'rejoin/store/sqlite'
import { Cable } from './cable.ts'

/** A server at some place: with a file of its own, requests of its own, and its part in the cluster. */
export interface Site {
  readonly name: string
  readonly url: string
  readonly port: number
  readonly tree: StateTree
  readonly cluster: Cluster
  /** Pulls the cables: nobody reaches it, and it reaches nobody. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

export interface SiteOptions {
  readonly name: string
  /** Where its file goes. */
  readonly folder: string
  /** Absent: this site leads. */
  readonly leader?: Site
}

export async function openSite({ name, folder, leader }: SiteOptions): Promise<Site> {
  const tree = await openState({
    storage: await SqliteStateStorage.open({ path: join(folder, `${name}.db`), node: name }),
  })
  const [inward, outward] = [await Cable.lay(), await Cable.lay()]
  if (leader) outward.plugInto(leader.port)
  const cluster = await openCluster({
    state: tree,
    keys: [{ path: 'valves/*' }],
    address: inward.address, // where others reach this site
    ...(leader && { leader: outward.address }),
    network: httpPeerNetwork(),
    probeInterval: 100, // quick, for the example; by default 3,000 milliseconds
    probeTimeout: 10_000, // and patient: nobody is away because this machine is busy
  })
  const state = stateServer(tree, { cluster: servedCluster(cluster) })
  const server = await serve({ mounts: {}, state, cluster: clusterServer(cluster), port: 0 })
  inward.plugInto(server.port)
  leader?.cluster.addNode(inward.address) // so that the leader sees how this site is

  const cables = [inward, outward]
  return {
    name,
    url: server.url,
    port: server.port,
    tree,
    cluster,
    cut() {
      for (const cable of cables) cable.cut()
    },
    mend() {
      for (const cable of cables) cable.mend()
    },
    async close() {
      await cluster.close()
      await server.close()
      await state.close()
      await tree.close()
      for (const cable of cables) await cable.close()
    },
  }
}

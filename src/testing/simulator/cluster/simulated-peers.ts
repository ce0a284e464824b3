import type { PeerNetwork } from '../../../cluster/index.ts'
import type { ChangePage, LinkedChange, Transport } from '../../../contracts/index.ts'
import type { Fence } from '../fence.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { nameOf, type Server } from './server.ts'

/** The other servers, as one life of a server reaches them over the simulated network. */
export function peersOf(server: Server, fence: Fence, world: ClusterWorld): PeerNetwork {
  const { network } = world
  const caller = { name: server.name, fence }
  return {
    about: (address, signal) => {
      const arrive = () => {
        const cluster = world.server(nameOf(address)).life?.cluster
        return cluster?.about()
      }
      return network.call(caller, nameOf(address), 'about', arrive, signal)
    },

    native: (address) => {
      const other = world.server(nameOf(address))
      const reach = () => other.life && counted(other.life.remote, server, other, world)
      return network.connect(caller, other.name, reach, () => other.life?.fence)
    },

    compare: (address, asked, signal) => {
      const arrive = () =>
        world.server(nameOf(address)).life?.cluster.compare(asked, new AbortController().signal)
      return network.call(caller, nameOf(address), 'compare', arrive, signal)
    },

    pivot: () => {
      throw new Error('there is no server of the original here')
    },
  }
}

/** As it is, and what goes over it is counted where it arrives. */
function counted(
  remote: Transport<LinkedChange>,
  from: Server,
  to: Server,
  world: ClusterWorld,
): Transport<LinkedChange> {
  const count = (changes: readonly LinkedChange[]) => world.moved(from, to, changes)
  const countPage = (page: ChangePage<LinkedChange>) => {
    world.waits.page(to.name, from.name, world.scheduler.now)
    if (page.kind === 'page') count(page.changes)
    return page
  }
  return {
    hello: (mine, signal) => remote.hello(mine, signal),
    push(batch, signal) {
      count(batch.changes)
      return remote.push(batch, signal)
    },
    pull: (after, want, signal) => remote.pull(after, want, signal).then(countPage),
    async *subscribe(after, want, signal) {
      const pages = remote.subscribe?.(after, want, signal) ?? []
      for await (const page of pages) yield countPage(page)
    },
    close: () => remote.close(),
    [Symbol.asyncDispose]: () => remote.close(),
  }
}

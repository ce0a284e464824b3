import type { PeerAbout, PeerNetwork } from '../../../cluster/index.ts'
import type { ChangePage, LinkedChange, Transport, Welcome } from '../../../contracts/index.ts'
import type { Fence } from '../fence.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { nameOf, type Server } from './server.ts'

/** The other servers, as one life of a server reaches them over the simulated network; `cluster`: of which it is. */
export function peersOf(
  server: Server,
  fence: Fence,
  world: ClusterWorld,
  cluster?: string,
): PeerNetwork {
  const { network } = world
  const caller = { name: server.name, fence }
  const random = world.random.fork(`what ${server.name} overhears at ${world.scheduler.now}`)
  // As from a server that has become another one since: then it is for that one to refuse.
  const misheard = (about: Promise<PeerAbout>) =>
    world.other !== undefined && !world.isCalm && random.chance(0.2) ? about.then(unnamed) : about
  return {
    as: (name) => peersOf(server, fence, world, name),

    about: (address, signal) => {
      const arrive = () => {
        const about = world.server(nameOf(address)).life?.cluster.about()
        return about && misheard(about)
      }
      return network.call(caller, nameOf(address), 'about', arrive, signal)
    },

    native: (address) => {
      const other = world.server(nameOf(address))
      const reach = () => {
        const { life } = other
        if (life === undefined) return undefined
        const refused = refusal(other, cluster, world)
        return refused === undefined
          ? counted(life.remote, server, other, world)
          : refusing(refused)
      }
      return network.connect(caller, other.name, reach, () => other.life?.fence)
    },

    compare: (address, asked, signal) => {
      const arrive = () => {
        const other = world.server(nameOf(address))
        const refused = refusal(other, cluster, world)
        if (refused !== undefined) return Promise.reject(refused)
        return other.life?.cluster.compare(asked, new AbortController().signal)
      }
      return network.call(caller, nameOf(address), 'compare', arrive, signal)
    },

    pivot: () => {
      throw new Error('there is no server of the original here')
    },
  }
}

/** Why a server does not answer one of that cluster. */
function refusal({ life }: Server, cluster: string | undefined, { counts }: ClusterWorld): unknown {
  try {
    life?.cluster.admit(cluster)
    return undefined
  } catch (error) {
    counts.refusedCalls++
    return error
  }
}

function refusing(error: unknown): Transport<LinkedChange> {
  const refuse = () => Promise.reject(error)
  return {
    hello: refuse,
    push: refuse,
    pull: refuse,
    // biome-ignore lint/correctness/useYield: it fails before there is anything.
    async *subscribe() {
      throw error
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

function unnamed({ rejoin, ...about }: PeerAbout): PeerAbout {
  const { cluster: _, ...rest } = rejoin ?? {}
  return { ...about, rejoin: rest as NonNullable<typeof rejoin> }
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
    hello(mine, signal) {
      world.greeted(mine)
      const answer = remote.hello(mine, signal)
      const met = ({ origin }: Welcome) => world.acquaintances.met(from.name, to.name, origin)
      answer.then(met, () => {})
      return answer
    },
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

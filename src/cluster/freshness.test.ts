import { describe, expect, it } from 'vitest'
import type { LinkedChange, Transport } from '../contracts/index.ts'
import { type Server, Servers } from './fixtures/servers.ts'
import type { PeerAbout, PeerNetwork } from './peer-network.ts'

type Way = Transport<LinkedChange>

/** Cables that look at what goes through before it arrives. */
interface Delays {
  /** Before a page of a stream arrives. */
  page?: Promise<void>
  about?: (about: PeerAbout) => PeerAbout
}

function delayed(servers: Servers): Delays {
  const delays: Delays = {}
  const from = servers.lines.from.bind(servers.lines)
  servers.lines.from = (own): PeerNetwork => {
    const network = from(own)
    return {
      ...network,
      about: async (to, signal) => {
        const about = await network.about(to, signal)
        return delays.about?.(about) ?? about
      },
      native: (to, storage) => lateStream(network.native(to, storage), delays),
    }
  }
  return delays
}

function lateStream(way: Way, delays: Delays): Way {
  const { subscribe } = way
  if (subscribe === undefined) return way
  return {
    ...way,
    async *subscribe(...asked) {
      for await (const page of subscribe(...asked)) {
        await delays.page
        yield page
      }
    },
  }
}

async function asOf({ cluster }: Server): Promise<number | undefined> {
  return (await cluster.freshness('users/1')).asOf
}

describe('what the leader had at `asOf` is here', () => {
  it('while the stream is late, and probes are answered and own writes pushed', async () => {
    await using servers = new Servers()
    const delays = delayed(servers)
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    await servers.level(leader, member)
    await servers.pass(5_000)
    const { promise, resolve } = Promise.withResolvers<void>()
    delays.page = promise
    const before = await asOf(member)
    await leader.state.set('users/1', 1)
    const written = servers.runtime.now()
    for (let turn = 0; turn < 10; turn++) {
      await servers.pass(2_000)
      await member.state.set('users/2', turn)
      expect(await member.state.get('users/1')).toBeUndefined()
      expect(await asOf(member)).toBeLessThanOrEqual(written)
    }
    expect((await leader.state.get('users/2'))?.data).toBeGreaterThan(5)
    expect(await asOf(member)).toBeGreaterThanOrEqual(before ?? 0)
    delete delays.page
    resolve()
    await servers.level(leader, member)
    await servers.pass(4_000)
    expect(await asOf(member)).toBeGreaterThan(servers.runtime.now() - 4_000)
  })

  it('where a leader of before does not say how far it is: as of the last pull', async () => {
    await using servers = new Servers()
    const delays = delayed(servers)
    delays.about = ({ rejoin, ...others }) => {
      const { ends: _, ...said } = rejoin as NonNullable<typeof rejoin>
      return { ...others, rejoin: said }
    }
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    await leader.state.set('users/1', 1)
    await servers.level(leader, member)
    await servers.pass(4_000)
    const linked = (await asOf(member)) ?? 0
    await servers.pass(60_000)
    expect(await asOf(member)).toBe(linked)
    await member.cluster.synchronize()
    expect(await asOf(member)).toBe(servers.runtime.now())
  })

  it('begins anew with a leader of its own kind that is started again, and with another one', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const next = await servers.add('c:1', { leader: 'a:1' })
    const member = await servers.add('b:1', { leader: 'a:1', nodes: ['c:1'] })
    await leader.state.set('users/1', 1)
    await servers.level()
    await servers.pass(5_000)
    await leader.stop()
    await servers.pass(10_000)
    const away = servers.runtime.now() - 10_000
    expect(await asOf(member)).toBeLessThanOrEqual(away)
    await leader.start()
    await leader.state.set('users/1', 2)
    await servers.level()
    await servers.pass(4_000)
    expect(await asOf(member)).toBeGreaterThan(servers.runtime.now() - 4_000)
    await next.cluster.promote()
    await servers.until(async () => (await member.cluster.status()).keys[0]?.leader === 'c:1')
    const promoted = servers.runtime.now()
    await servers.until(async () => ((await asOf(member)) ?? 0) >= promoted, 'level with the next')
    expect((await member.state.get('users/1'))?.data).toBe(2)
  })
})

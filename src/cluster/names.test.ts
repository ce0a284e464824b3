import { describe, expect, it } from 'vitest'
import type { StateStorage } from '../contracts/index.ts'
import type { RejoinError } from '../errors/index.ts'
import { silentLogger } from '../ports/index.ts'
import { openState } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { override } from '../testing/simulator/override.ts'
import { type Server, type ServerSetup, Servers } from './fixtures/servers.ts'
import { type ClusterKey, openCluster, type PeerNetwork } from './index.ts'

const list = { nodesKey: 'things/*', advertise: true }
const all = ['users/*', 'settings', 'things/*']
const forgetAll: readonly ClusterKey[] = all.map((path) => ({ path, onLeaderChange: 'forget' }))

const usersAt = async ({ state }: Server) =>
  (await state.list('users/*', { order: 'path' })).map(({ path }) => path)

const peerAt = (server: Server, address: string) =>
  server.cluster.peers.find((peer) => peer.address === address)

/** Two clusters: of a:1, b:1 and m:1, where b:1 was promoted and all are listed; and of c:1. m:1 is down. */
async function moving(servers: Servers, old: ServerSetup, fresh: ServerSetup) {
  const a = await servers.add('a:1', { ...list, ...old })
  const b = await servers.add('b:1', { leader: 'a:1', ...list, ...old })
  const m = await servers.add('m:1', { leader: 'a:1', ...list, ...old })
  await m.state.set('users/1', 'of the old one')
  await servers.until(async () => (await a.state.list('things/*')).length === 3)
  await servers.level(a, b, m)
  await b.cluster.promote()
  await servers.until(() => a.cluster.leader === 'b:1' && m.cluster.leader === 'b:1')
  await servers.level(a, b, m)
  await m.stop()
  const c = await servers.add('c:1', { ...list, ...fresh })
  await c.state.set('users/c', 'of the new one')
  return { a, b, c, m }
}

/** Nothing of the old cluster is in the new one, and the other way round, nor who leads. */
async function expectTwo({ a, b, c, m }: Record<'a' | 'b' | 'c' | 'm', Server>): Promise<void> {
  expect(await Promise.all([a, b, c, m].map(usersAt))).toEqual([
    ['users/1'],
    ['users/1'],
    ['users/c'],
    ['users/c'],
  ])
  expect([a, b, c, m].map(({ cluster }) => [cluster.role, cluster.leader])).toEqual([
    ['node', 'b:1'],
    ['pivot', undefined],
    ['pivot', undefined],
    ['node', 'c:1'],
  ])
}

describe('K1 T1: a server that is moved to another cluster while the old one lists it', () => {
  it('brings nothing of either to the other when both have names, promotions or not', async () => {
    await using servers = new Servers()
    const world = await moving(servers, { name: 'old' }, { name: 'new' })
    const { a, b, c, m } = world
    const said: unknown[] = []
    const logger = { ...silentLogger, warn: (...one: unknown[]) => void said.push(one) }
    await m.start({ leader: 'c:1', ...list, name: 'new', keys: forgetAll, logger })
    await servers.until(async () => (await usersAt(m)).includes('users/c'), 'the move')
    await b.state.set('users/1', 'later')
    await servers.pass(60_000)
    await expectTwo(world)
    for (const old of [a, b])
      expect(peerAt(old, 'm:1')).toMatchObject({
        ...{ kind: 'foreign', healthy: false, cluster: 'new' },
        error: {
          code: 'forbidden',
          message: 'm:1 is of the cluster "new", and this server of "old"',
        },
      })
    expect((await c.state.list('things/*')).length).toBe(2)
    // It knows nothing of the old ones any more, so that it has nobody to warn of.
    expect(said).toEqual(
      expect.arrayContaining([[expect.stringContaining('forgotten'), expect.anything()]]),
    )
    expect(m.cluster.peers.map(({ address }) => address)).toEqual(['c:1'])
  })

  it('is found by the old one and pulls both together when they have none', async () => {
    await using servers = new Servers()
    const world = await moving(servers, {}, {})
    await world.m.start({ leader: 'c:1', ...list, keys: forgetAll })
    await servers.until(
      async () => (await usersAt(world.c)).includes('users/1'),
      'what names prevent',
    )
  })

  it('gives the new one what it keeps, and forgets who was promoted in the old one', async () => {
    await using servers = new Servers()
    const { a, b, c, m } = await moving(servers, { name: 'old' }, { name: 'new' })
    await m.start({ leader: 'c:1', ...list, name: 'new' })
    await servers.until(async () => (await usersAt(c)).includes('users/1'), 'the move')
    await servers.pass(60_000)
    await servers.level(c, m)
    expect(await usersAt(a)).toEqual(['users/1'])
    expect([c.cluster.role, m.cluster.leader, b.cluster.role]).toEqual(['pivot', 'c:1', 'pivot'])
    // The list came along: those it names are refused.
    expect(peerAt(c, 'a:1')).toMatchObject({ kind: 'foreign', cluster: 'old' })
    // And what is decided there from now on stands, also after a restart.
    await m.cluster.promote()
    await servers.until(() => c.cluster.leader === 'm:1')
    await m.stop()
    await m.start({ leader: 'c:1', ...list, name: 'new' })
    expect(m.cluster.role).toBe('pivot')
  })

  it('leaves promotions of keys behind that it does not share', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1', { name: 'old', nodes: ['m:1'] })
    const keys = [{ path: 'users/*' }]
    const m = await servers.add('m:1', { leader: 'a:1', name: 'old', keys })
    await a.cluster.promote()
    const records = async ({ state }: Server) => (await state.list('cluster/*')).length
    await servers.until(async () => (await records(m)) === 2)
    await m.stop()
    const c = await servers.add('c:1', { name: 'new' })
    const forgetting: readonly ClusterKey[] = [{ path: 'users/*', onLeaderChange: 'forget' }]
    await m.start({ leader: 'c:1', name: 'new', keys: forgetting })
    await c.state.set('users/c', 1)
    await servers.until(async () => (await usersAt(m)).length === 1)
    expect([await records(m), await records(c), await records(a)]).toEqual([0, 0, 2])
    // What is decided here stays, also when a key comes back that was of the old one.
    await m.cluster.promote()
    await m.stop()
    await m.start({ leader: 'c:1', name: 'new', keys: [...forgetting, { path: 'settings' }] })
    expect(m.cluster.leads('users/1')).toBe(true)
  })

  it.each(['before', 'after'] as const)(
    'S4: killed %s what it forgets is forgotten, it does the rest at the next start',
    async (at) => {
      await using servers = new Servers()
      const faults = { isOn: false }
      const storage = async () => {
        const sound = await MemoryStateStorage.open({ runtime: servers.runtime })
        return override<StateStorage>(sound, {
          async forget(what, signal) {
            if (!faults.isOn) return sound.forget(what, signal)
            if (at === 'after') await sound.forget(what, signal)
            throw new Error('the power is gone')
          },
        })
      }
      const m = await servers.add('m:1', { leader: 'a:1', name: 'old', storage })
      await m.cluster.promote()
      await m.stop()
      const c = await servers.add('c:1', { name: 'new' })
      faults.isOn = true
      const moved = { leader: 'c:1', name: 'new' }
      await expect(m.start(moved)).rejects.toThrow('the power is gone')
      faults.isOn = false
      await m.start(moved)
      await servers.level(c, m)
      expect([m.cluster.leader, c.cluster.role]).toEqual(['c:1', 'pivot'])
    },
  )

  it('does not lead by its own promotion in the old one', async () => {
    await using servers = new Servers()
    const m = await servers.add('m:1', { leader: 'a:1', name: 'old' })
    await m.state.set('users/1', 1)
    await m.cluster.promote()
    await m.stop()
    const c = await servers.add('c:1', { name: 'new' })
    await m.start({ leader: 'c:1', name: 'new' })
    await servers.level(c, m)
    expect([m.cluster.role, c.cluster.role]).toEqual(['node', 'pivot'])
    expect(await usersAt(c)).toEqual(['users/1'])
  })
})

describe('a leader that turns out to be of another cluster', () => {
  it('gets nothing: writes wait here, and status and log say why', async () => {
    await using servers = new Servers()
    const said: unknown[][] = []
    const logger = { ...silentLogger, warn: (...one: unknown[]) => void said.push(one) }
    const h = await servers.add('h:1', { name: 'two' })
    await h.state.set('users/h', 1)
    const m = await servers.add('m:1', { leader: 'h:1', name: 'one', logger })
    await m.state.set('users/1', 1)
    await servers.until(() => peerAt(m, 'h:1')?.kind === 'foreign')
    await servers.pass(30_000)
    const { cluster, keys, peers } = await m.cluster.status()
    expect(cluster).toBe('one')
    expect(keys[0]).toMatchObject({
      ...{ role: 'member', leader: 'h:1', leaderReachable: false, pendingWrites: 1 },
      problem: 'the leader h:1 is of another cluster, "two": writes wait here',
    })
    expect(peers[0]).toMatchObject({ healthy: false, cluster: 'two', links: [] })
    expect(await usersAt(h)).toEqual(['users/h'])
    expect(await usersAt(m)).toEqual(['users/1'])
    const fields = { peer: 'h:1', cluster: 'two', own: 'one', leads: ['users/*', 'settings'] }
    expect(said).toEqual([['a server is of another cluster: nothing is exchanged with it', fields]])
    await expect(m.cluster.synchronize()).rejects.toMatchObject({ code: 'forbidden' })
    // Once it is of this one all goes as if it had been away.
    await h.stop()
    await servers.pass(10_000)
    await h.start({ name: 'one' })
    await servers.level(h, m)
    expect(await usersAt(h)).toEqual(['users/1', 'users/h'])
    expect(said.length).toBe(1)
  })

  it('is away for its members, who keep each other up to date', async () => {
    await using servers = new Servers()
    await servers.add('h:1', { name: 'two' })
    const options = { leader: 'h:1', name: 'one', nodes: ['m:1', 'n:1'] }
    const m = await servers.add('m:1', options)
    const n = await servers.add('n:1', options)
    await m.state.set('users/1', 1)
    await servers.until(async () => (await usersAt(n)).length === 1)
  })
})

describe('a server without a name', () => {
  it('is linked as before, so that names can be given to one server at a time, and taken again', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1', { nodes: ['m:1'] })
    const m = await servers.add('m:1', { leader: 'a:1', name: 'one', nodes: ['a:1'] })
    await m.state.set('users/1', 1)
    await servers.level(a, m)
    await servers.until(() => peerAt(a, 'm:1')?.cluster === 'one')
    expect(peerAt(m, 'a:1')).not.toHaveProperty('cluster')
    await m.cluster.promote()
    await servers.until(() => a.cluster.leader === 'm:1')
    await a.stop()
    await a.start({ name: 'one', nodes: ['m:1'] })
    await a.state.set('users/2', 2)
    await servers.level(a, m)
    // To rename it all, the name is taken from each, and then the new one is given.
    for (const name of [undefined, 'two'])
      for (const [server, leader] of [
        [m, 'a:1'],
        [a, undefined],
      ] as const) {
        await server.stop()
        await server.start({
          nodes: ['a:1', 'm:1'],
          ...(leader !== undefined && { leader }),
          ...(name !== undefined && { name }),
        })
      }
    await a.state.set('users/3', 3)
    await servers.level(a, m)
    expect([a.cluster.leader, m.cluster.role]).toEqual(['m:1', 'pivot'])
    expect(await usersAt(m)).toEqual(['users/1', 'users/2', 'users/3'])
  })
})

describe('S3: whoever calls from another cluster', () => {
  /** As it would be if the server at the other end had become another one since it was asked. */
  function unaware(network: PeerNetwork): PeerNetwork {
    return {
      ...network,
      as: (name) => unaware(network.as?.(name) ?? network),
      async about(address, signal) {
        const { rejoin, ...about } = await network.about(address, signal)
        const { cluster: _, ...rest } = rejoin ?? {}
        return { ...about, rejoin: rest as NonNullable<typeof rejoin> }
      },
    }
  }

  it('is refused, also when it has not found out by itself', async () => {
    await using servers = new Servers()
    const { runtime, lines } = servers
    const said: unknown[] = []
    const logger = { ...silentLogger, warn: (...one: unknown[]) => void said.push(one) }
    const a = await servers.add('a:1', { name: 'one', logger })
    const open = async (name: string) => {
      const state = await openState({ runtime })
      await state.set('users/m', 1)
      const network = unaware(lines.from('m:1'))
      const keys = [{ path: 'users/*' }]
      const cluster = await openCluster({ state, keys, network, runtime, leader: 'a:1', name })
      return {
        cluster,
        state,
        async [Symbol.asyncDispose]() {
          await cluster.close({ flush: false })
          await state.close()
        },
      }
    }
    {
      await using m = await open('two')
      const blocked = async () => (await m.cluster.status()).peers[0]?.links[0]?.blocked
      await servers.until(async () => (await blocked())?.cause === 'forbidden')
      await servers.pass(60_000)
      expect((await blocked())?.error?.message).toContain('of the cluster "two"')
      expect(await m.cluster.freshness('users/m')).toMatchObject({ pendingWrites: 1 })
      expect(await usersAt(a)).toEqual([])
      const fields = { cluster: 'two', own: 'one' }
      expect(said).toEqual([['a server of another cluster is refused', fields]])
    }
    await using _ = await open('one')
    await servers.until(async () => (await usersAt(a)).length === 1)
  })

  it('is told which one it has called', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1', { name: 'one' })
    const refusal = (name?: string) => {
      try {
        return a.cluster.admit(name)
      } catch (error) {
        return error as RejoinError
      }
    }
    for (const name of [undefined, 'one']) expect(refusal(name)).toBeUndefined()
    expect(refusal('One')).toMatchObject({
      ...{ code: 'forbidden', retryable: false },
      message: 'who calls is of the cluster "One", and this server of "one"',
      details: { cluster: 'One', own: 'one' },
    })
    await a.stop()
    await a.start({})
    expect(refusal('two')).toBeUndefined()
  })
})

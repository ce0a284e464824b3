import { describe, expect, it } from 'vitest'
import { JsonText } from '../state/index.ts'
import { type Server, Servers } from './fixtures/servers.ts'

const led = { leader: 'a:1', nodesKey: 'things/*', advertise: true }

/** A leader and members that know each other. */
async function clusterOf(servers: Servers, ...members: readonly string[]): Promise<Server[]> {
  const all = [await servers.add('a:1', { nodesKey: 'things/*', advertise: true })]
  for (const address of members) all.push(await servers.add(address, led))
  const entries = async (one: Server) => (await one.state.list('things/*')).length
  await servers.until(async () => {
    const counts = await Promise.all(all.map(entries))
    return counts.every((count) => count === all.length)
  })
  await servers.level()
  return all
}

describe('K1: while the leader is away', () => {
  it('members go on, and keep each other up to date; when it is back, it has everything', async () => {
    await using servers = new Servers()
    const [leader, one, other] = (await clusterOf(servers, 'b:1', 'c:1')) as [
      Server,
      Server,
      Server,
    ]
    await leader.stop()
    await one.state.set('users/1', { by: 'b' })
    await other.state.set('users/2', { by: 'c' })
    await one.state.delete('users/none')
    await servers.level(one, other)
    expect((await other.state.get('users/1'))?.data).toEqual({ by: 'b' })
    const { keys } = await one.cluster.status()
    expect(keys[0]).toMatchObject({ role: 'member', leader: 'a:1', leaderReachable: false })
    await leader.start()
    await servers.level()
    expect((await leader.state.list('users/*')).length).toBe(2)
    // Members let go of each other.
    await servers.until(async () => {
      const { peers } = await one.cluster.status()
      return peers.flatMap(({ links }) => links).length === 1
    })
  })

  it('one that is cut off from it alone goes by way of another member', async () => {
    await using servers = new Servers()
    const [leader, , other] = (await clusterOf(servers, 'b:1', 'c:1')) as [Server, Server, Server]
    servers.lines.cut('a:1', 'c:1')
    await other.state.set('users/1', 1)
    await servers.level()
    expect((await leader.state.get('users/1'))?.data).toBe(1)
    await leader.state.set('users/2', 2)
    await servers.level()
  })

  it('one that is new is heard by members that have never heard of it, whoever has the lower address', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    await leader.stop()
    const fresh = await servers.add('c:1', { ...led, nodes: ['b:1'] })
    await fresh.state.set('users/1', { by: 'c' })
    await servers.level(one, fresh)
    expect((await one.state.get('users/1'))?.data).toEqual({ by: 'c' })
  })

  it('one that the others can’t dial dials them', async () => {
    await using servers = new Servers()
    const [leader, one, other] = (await clusterOf(servers, 'b:1', 'c:1')) as [
      Server,
      Server,
      Server,
    ]
    await leader.stop()
    servers.lines.cutWay('b:1', 'c:1')
    await other.state.set('users/1', 1)
    await one.state.set('users/2', 2)
    await servers.level(one, other)
  })

  it('is seen within five seconds, also when it says nothing; and so is its return', async () => {
    await using servers = new Servers()
    const [, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    const there = async () => (await one.cluster.freshness('users/1')).leaderReachable
    const took = async (isSo: () => Promise<boolean>) => {
      const began = servers.runtime.now()
      await servers.until(isSo)
      return servers.runtime.now() - began
    }
    for (const how of ['refused', 'silent'] as const) {
      servers.lines.cut('a:1', 'b:1', how)
      expect(await took(async () => !(await there()))).toBeLessThanOrEqual(5_000)
      await servers.pass(120_000)
      servers.lines.heal('a:1', 'b:1')
      await one.state.set('users/back', how)
      const level = async () => (await one.cluster.freshness('users/back')).pendingWrites === 0
      const isBack = async () => (await there()) && (await level())
      expect(await took(isBack)).toBeLessThanOrEqual(5_000)
    }
  })
})

describe('a leader that starts again within a few seconds', () => {
  it('finds its members where they were: they have not begun to link with each other', async () => {
    await using servers = new Servers()
    const [leader] = (await clusterOf(servers, 'b:1', 'c:1', 'd:1')) as [Server]
    const { calls } = servers.lines
    const before = calls.length
    await leader.stop()
    await servers.pass(2_000)
    await leader.start()
    await servers.level()
    await servers.pass(10_000)
    const among = calls
      .slice(before)
      .filter(({ to, operation }) => to !== 'a:1' && operation !== 'about')
    expect(among).toEqual([])
  })
})

describe('S4: a leader that has lost its disk', () => {
  it('gets everything back from its members, deletes too', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1', 'c:1')) as [Server, Server]
    for (const name of ['p', 'q', 'r']) await leader.state.set(`users/${name}`, name)
    await leader.state.delete('users/q')
    await servers.level()
    await leader.stop()
    const fresh = await servers.add('a:1', { nodesKey: 'things/*' })
    await servers.level(fresh, one)
    expect((await fresh.state.list('users/*')).map(({ data }) => data)).toEqual(['r', 'p'])
  })
})

describe('a stream that was open during an outage', () => {
  it('and lost a page without a word is opened anew', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    servers.lines.cut('a:1', 'b:1', 'swallowing')
    await leader.state.set('users/1', 1)
    await servers.pass(6_000)
    servers.lines.healAll()
    await servers.pass(5_000)
    expect((await one.state.get('users/1'))?.data).toBe(1)
    await leader.state.set('users/2', 2)
    await servers.pass(250)
    expect((await one.state.get('users/2'))?.data).toBe(2)
  })
})

describe('K1: the losses of the original', () => {
  it('1: what a member wrote while the leader was away survives a later delete under the same key', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    await leader.state.set('users/old', 1)
    await servers.level()
    servers.lines.cut('a:1', 'b:1')
    await one.state.set('users/new', 2)
    await servers.pass(1_000)
    await leader.state.delete('users/old')
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    for (const { state } of [leader, one]) {
      expect((await state.get('users/new'))?.data).toBe(2)
      expect(await state.get('users/old')).toBeUndefined()
    }
  })

  it('2: an older write never replaces a newer one, however late it comes', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    servers.lines.cut('a:1', 'b:1')
    await one.state.set('users/1', 'older')
    await servers.pass(1_000)
    await leader.state.set('users/1', 'newer')
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    expect((await one.state.get('users/1'))?.data).toBe('newer')
  })

  it('3: a member that missed a delete, then pushes, does not bring the object back (T2)', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    await one.state.set('users/1', 'here')
    await servers.level()
    servers.lines.cut('a:1', 'b:1')
    await leader.state.delete('users/1')
    await one.state.set('users/2', 'pushed')
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    for (const { state } of [leader, one]) {
      expect(await state.get('users/1')).toBeUndefined()
      expect((await state.get('users/2'))?.data).toBe('pushed')
    }
  })

  it('4: what could not be sent is sent again by itself, with no write and no sync to bring it along', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    servers.lines.cut('a:1', 'b:1')
    await one.state.set('settings', { dark: true })
    await servers.pass(300_000)
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    expect((await leader.state.get('settings'))?.data).toEqual({ dark: true })
  })

  it.each([100, 10_000])(
    '5, K3: one write moves one change to each server at %i keys',
    async (size) => {
      await using servers = new Servers()
      const [leader, one] = (await clusterOf(servers, 'b:1', 'c:1')) as [Server, Server]
      for (let from = 0; from < size; from += 1_000)
        await leader.state.write(
          Array.from({ length: Math.min(1_000, size) }, (_, at) => ({
            set: `users/k${from + at}`,
            data: at,
          })),
        )
      await servers.level()
      await servers.pass(1_000)
      const { calls } = servers.lines
      // A call that was made before may bring it: a stream is one.
      const moved = () => calls.reduce((sum, call) => sum + call.moved, 0)
      const [before, made] = [moved(), calls.length]
      await one.state.set('users/k7', 'changed')
      await servers.level()
      const since = calls.slice(made).map(({ operation }) => operation)
      // Pushed once, acknowledged once, and streamed to both members.
      expect([moved() - before, since.filter((operation) => operation !== 'about')]).toEqual([
        3,
        ['push'],
      ])
    },
  )

  it('6: what a member has simply not seen yet is not deleted at the leader', async () => {
    await using servers = new Servers()
    const [leader, one] = (await clusterOf(servers, 'b:1')) as [Server, Server]
    servers.lines.cut('a:1', 'b:1')
    for (const name of ['p', 'q', 'r']) await leader.state.set(`users/${name}`, name)
    await servers.pass(1_000)
    // The member's activity is the newer one.
    await one.state.set('users/newest', 1)
    await one.state.delete('users/newest')
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    expect((await leader.state.list('users/*')).length).toBe(3)
    expect((await one.state.list('users/*')).length).toBe(3)
  })
})

describe('K2: a leader', () => {
  it('writes while every call to anybody hangs, and makes none on the way', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', {
      nodes: Array.from({ length: 50 }, (_, at) => `dead${at}:1`),
    })
    for (let at = 0; at < 50; at++) servers.lines.cut('a:1', `dead${at}:1`, 'silent')
    await servers.pass(10_000)
    const calls = servers.lines.calls.length
    const began = servers.runtime.now()
    for (let at = 0; at < 100; at++) await leader.state.set(`users/${at}`, new JsonText('1'))
    expect(servers.lines.calls.length).toBe(calls)
    expect(servers.runtime.now()).toBe(began)
    const { peers } = await leader.cluster.status()
    expect(peers.map(({ healthy }) => healthy)).toEqual(Array(50).fill(false))
    expect(servers.lines.calls.every(({ operation }) => operation === 'about')).toBe(true)
  })
})

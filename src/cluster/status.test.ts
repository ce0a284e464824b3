import { describe, expect, it } from 'vitest'
import { type Server, Servers, turns } from './fixtures/servers.ts'
import type { ClusterStatus } from './index.ts'

describe('the status of a server', () => {
  it('says who leads what, who is there, and what waits', async () => {
    await using servers = new Servers()
    const keys = [{ path: 'users/*' }, { path: 'cache/*', local: true }]
    const leader = await servers.add('a:1', { keys: [{ path: 'users/*' }], nodes: ['b:1', 'x:1'] })
    const member = await servers.add('b:1', { keys, leader: 'a:1' })
    await servers.level(leader)
    await servers.until(
      async () => (await member.cluster.status()).peers[0]?.links[0]?.phase === 'live',
    )
    servers.lines.cut('a:1', 'b:1')
    await member.state.set('users/1', 1)
    await servers.pass(10_000)
    const status = await member.cluster.status()
    expect(status).toMatchObject({
      node: 'b-1',
      address: 'b:1',
      role: 'mixed',
      keys: [
        {
          path: 'users/*',
          role: 'member',
          leader: 'a:1',
          term: 0n,
          leaderReachable: false,
          pendingWrites: 1,
        },
        { path: 'cache/*', role: 'leader', leader: 'b:1', leaderReachable: true, pendingWrites: 0 },
      ],
      peers: [
        {
          address: 'a:1',
          kind: 'native',
          node: 'a-1',
          healthy: false,
          protocol: '2.0',
          compatible: true,
          clockOffset: 0,
          error: { code: 'network' },
          links: [
            {
              storage: 'main',
              keys: ['users/*'],
              reasons: ['leader'],
              phase: 'waiting',
              unsent: { count: 1, more: false },
              blocked: { cause: 'unreachable' },
              error: { code: 'network' },
            },
          ],
        },
      ],
    })
    const { peers } = await leader.cluster.status()
    expect(peers.map(({ address, healthy, links }) => [address, healthy, links])).toEqual([
      ['b:1', false, []],
      ['x:1', false, []],
    ])
    const [peer] = leader.cluster.peers
    expect(servers.runtime.now() - (peer?.lastCheck ?? 0)).toBeLessThanOrEqual(3_000)
  })

  it('says how far each member is behind', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', { nodes: ['b:1'] })
    const member = await servers.add('b:1', { leader: 'a:1', ahead: -7_200_000 })
    await servers.level()
    await servers.pass(10_000)
    expect(leader.cluster.peers[0]?.lag).toBeLessThanOrEqual(3_000)
    // It answers, and its own way to the leader is cut.
    servers.lines.cutWay('b:1', 'a:1')
    await servers.pass(60_000)
    expect(leader.cluster.peers[0]?.healthy).toBe(true)
    expect(leader.cluster.peers[0]?.lag).toBeGreaterThan(50_000)
    expect(member.cluster.peers[0]?.lag).toBeUndefined()
  })

  it('names keys that their leader does not share, and peers that speak another protocol', async () => {
    await using servers = new Servers()
    await servers.add('a:1', { keys: [{ path: 'users/*' }] })
    const member = await servers.add('b:1', { leader: 'a:1', nodes: ['old:1'] })
    servers.lines.plug('old:1', {
      about: () => ({ protocol: '1.0', compatible: false }),
      replica: () => undefined,
    })
    const other = await servers.add('c:1', { leader: 'old:1' })
    await servers.pass(5_000)
    const { keys, peers } = await member.cluster.status()
    expect(keys[0]?.problem).toBeUndefined()
    expect(keys[1]?.problem).toBe('the leader a:1 does not share this key')
    expect(peers[1]).toMatchObject({ kind: 'incompatible', protocol: '1.0', compatible: false })
    expect((await other.cluster.status()).keys[0]?.problem).toMatch(/speaks another protocol/)
    await other.state.set('users/1', 1)
    await servers.pass(5_000)
    expect((await other.cluster.status()).peers[0]?.links).toEqual([])
  })

  it('names keys that nobody leads, because each configuration names the next one', async () => {
    await using servers = new Servers()
    const keys = [{ path: 'users/*' }]
    const problemAt = async ({ cluster }: Server) => (await cluster.status()).keys[0]?.problem
    const a = await servers.add('a:1', { keys, leader: 'b:1' })
    const b = await servers.add('b:1', { keys, leader: 'c:1', nodes: ['a:1'] })
    const c = await servers.add('c:1', { keys, leader: 'a:1', nodes: ['b:1'] })
    await servers.pass(10_000)
    expect(await problemAt(c)).toBe(
      'nobody leads: a:1 follows b:1, which follows this server; promote one of them (rejoin cluster promote)',
    )
    await b.cluster.promote()
    await servers.pass(10_000)
    await servers.level()
    for (const server of [a, b, c]) expect(await problemAt(server)).toBeUndefined()
    await using pair = new Servers()
    const one = await pair.add('a:1', { keys, leader: 'b:1' })
    await pair.add('b:1', { keys, leader: 'a:1' })
    await pair.pass(5_000)
    expect(await problemAt(one)).toMatch(/^nobody leads: b:1 follows this server; promote/)
  })

  it('is told to who listens, soon and once for what comes together', async () => {
    await using servers = new Servers()
    await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    const told: ClusterStatus[] = []
    const stop = member.cluster.onStatus((status) => told.push(status))
    member.cluster.onStatus(() => {
      throw new Error('not my problem')
    })
    // Its rejection would end the process.
    const rejecting: () => unknown = () => Promise.reject(new Error('nor mine'))
    member.cluster.onStatus(rejecting)
    await servers.pass(2_000)
    expect(told.at(-1)?.peers[0]).toMatchObject({ healthy: true, links: [{ phase: 'live' }] })
    await servers.pass(60_000)
    const before = told.length
    await servers.pass(60_000)
    expect(told.length).toBe(before)
    servers.lines.cut('a:1', 'b:1')
    await servers.pass(5_000)
    expect(told.at(-1)?.peers[0]?.healthy).toBe(false)
    const heard = told.length
    stop()
    servers.lines.heal('a:1', 'b:1')
    await servers.pass(5_000)
    expect(told.length).toBe(heard)
  })
})

describe('T5: a clock that is hours off', () => {
  it.each([
    ['ahead', 5],
    ['behind', -5],
  ] as const)('%s: is told, and wins no more often than others', async (trouble, hours) => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', { nodes: ['b:1'] })
    const off = await servers.add('b:1', { leader: 'a:1', ahead: hours * 3_600_000 })
    const member = await servers.add('c:1', { leader: 'a:1' })
    await servers.until(() => leader.cluster.peers[0]?.clockTrouble === trouble)
    expect(leader.cluster.peers[0]?.clockOffset).toBe(hours * 3_600_000)
    const opposite = trouble === 'ahead' ? 'behind' : 'ahead'
    await servers.until(() => off.cluster.peers[0]?.clockTrouble === opposite)
    await servers.level()
    for (const [turn, { state }] of [off, leader, off, member, leader, off].entries()) {
      await state.set('users/1', turn)
      await servers.level()
      for (const server of [leader, off, member])
        expect((await server.state.get('users/1'))?.data).toBe(turn)
    }
    // Nobody else's times follow it by more than a minute.
    await member.state.set('users/2', 1)
    const { created = 0n } = (await member.state.get('users/2')) ?? {}
    const lead = Number(created / 1_000_000n) - servers.runtime.now()
    expect(lead).toBeLessThanOrEqual(60_000)
  })

  it('promotes no longer than others: a later decision stands over one from ahead', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1', { nodes: ['b:1'] })
    const b = await servers.add('b:1', { leader: 'a:1', ahead: 5 * 3_600_000 })
    await servers.level()
    await b.cluster.promote()
    await servers.until(() => a.cluster.role === 'node')
    await a.cluster.promote()
    await servers.until(() => b.cluster.role === 'node' && a.cluster.role === 'pivot')
    await servers.level()
  })
})

describe('closing', () => {
  it('pushes what is left, and tells what nobody has confirmed', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    await servers.level()
    await servers.until(
      async () => (await member.cluster.status()).peers[0]?.links[0]?.phase === 'live',
    )
    await member.state.set('users/1', 1)
    expect(await member.cluster.close()).toEqual({
      peers: [{ address: 'a:1', storage: 'main', unsent: { count: 0, more: false } }],
    })
    expect((await leader.state.get('users/1'))?.data).toBe(1)
    expect(await member.state.set('users/2', 2)).toMatchObject({ kind: 'written' })
    await member.start()
    await servers.level()
    servers.lines.cut('a:1', 'b:1')
    await member.state.set('users/3', 3)
    await servers.pass(5_000)
    const closed = await member.cluster.close()
    expect(closed.peers).toEqual([
      { address: 'a:1', storage: 'main', unsent: { count: 1, more: false } },
    ])
    expect(await member.cluster.close()).toEqual(closed)
  })

  it('leaves nothing behind that runs or waits', async () => {
    await using servers = new Servers()
    const setup = { nodesKey: 'things/*', advertise: true }
    const all: Server[] = [await servers.add('a:1', setup)]
    for (const address of ['b:1', 'c:1'])
      all.push(await servers.add(address, { ...setup, leader: 'a:1' }))
    await servers.level()
    for (const { cluster } of all) cluster.onStatus(() => {})
    await servers.pass(1_000)
    for (const { cluster } of all) await cluster.close()
    // What a tree does by itself is not the cluster's.
    for (const { state } of all) await state.close()
    await turns(20)
    expect(servers.runtime.pending).toBe(0)
    const calls = servers.lines.calls.length
    await servers.pass(60_000)
    expect(servers.lines.calls.length).toBe(calls)
  })
})

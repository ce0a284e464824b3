import { describe, expect, it } from 'vitest'
import { Servers } from '../fixtures/servers.ts'

const things = { nodesKey: 'things/*' }

describe('an address in another form', () => {
  it('is the same server: as the leader, as a node, as one that announces itself, and as oneself', async () => {
    await using servers = new Servers()
    const hub = await servers.add('hub:1', { ...things, address: 'Hub:01', nodes: ['HUB:1'] })
    const member = await servers.add('b:1', { ...things, leader: 'HUB:0001', nodes: ['hub:1'] })
    member.cluster.addNode('Hub:01')
    await hub.state.set('things/1', { ip: 'HUB', port: '00001' })
    await servers.level()
    const addresses = () => member.cluster.peers.map(({ address }) => address)
    await servers.until(() => member.cluster.peers[0]?.healthy === true)
    expect(addresses()).toEqual(['hub:1'])
    expect(hub.cluster.address).toBe('hub:1')
    const { role, keys } = await member.cluster.status()
    expect([role, ...keys.map(({ leader }) => leader)]).toEqual(['node', 'hub:1', 'hub:1', 'hub:1'])
    expect(hub.cluster.peers.map(({ address }) => address)).not.toContain('hub:1')
  })

  it('is the same server in what was written down before, by a promotion too', async () => {
    await using servers = new Servers()
    const keys = [{ path: 'users/*', onLeaderChange: 'forget' as const }]
    const hub = await servers.add('hub:1', { keys })
    const member = await servers.add('b:1', { keys, leader: 'hub:1' })
    await hub.state.set('users/1', 'kept')
    await servers.level()
    // As a server has it that told addresses apart by their letters.
    const [note] = await member.state.list<object>('cluster/leaders/*')
    expect(note?.data).toMatchObject({ leader: 'hub:1' })
    await member.state.set(note?.path as string, { ...note?.data, leader: 'HUB:01' })
    await member.stop()
    await member.start({ keys, leader: 'Hub:1' })
    expect((await member.state.get('users/1'))?.data).toBe('kept')
    await hub.cluster.promote()
    const [record] = await hub.state.list<object>('cluster/*')
    await servers.pass(1_000)
    await hub.state.set(record?.path as string, { ...record?.data, leader: 'B:01' })
    await servers.until(() => hub.cluster.role === 'node' && member.cluster.role === 'pivot')
  })
})

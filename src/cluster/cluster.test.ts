import { describe, expect, it } from 'vitest'
import { Servers, turns } from './fixtures/servers.ts'

describe('a cluster', () => {
  it('brings a write from a member to the leader and to the other members, while no time passes', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const one = await servers.add('b:1', { leader: 'a:1' })
    const other = await servers.add('c:1', { leader: 'a:1' })
    await servers.until(
      async () => (await one.cluster.status()).peers[0]?.links[0]?.phase === 'live',
    )
    await servers.until(
      async () => (await other.cluster.status()).peers[0]?.links[0]?.phase === 'live',
    )
    const began = servers.runtime.now()
    await one.state.set('users/1', { name: 'Ada' })
    await one.state.set('elsewhere', 1)
    for (let turn = 0; turn < 100 && (await other.state.get('users/1')) === undefined; turn++)
      await turns(1)
    expect((await other.state.get('users/1'))?.data).toEqual({ name: 'Ada' })
    expect((await leader.state.get('users/1'))?.data).toEqual({ name: 'Ada' })
    expect(await leader.state.get('elsewhere')).toBeUndefined()
    expect(servers.runtime.now()).toBe(began)
    await servers.level()
    expect([leader, one].map(({ cluster }) => cluster.role)).toEqual(['pivot', 'node'])
  })
})

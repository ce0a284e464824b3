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

  it('may have a leader for each key, who follow each other', async () => {
    await using servers = new Servers()
    const [users, logs] = [{ path: 'users/*' }, { path: 'logs/*' }]
    const a = await servers.add('a:1', { leader: 'b:1', keys: [{ ...users, local: true }, logs] })
    const b = await servers.add('b:1', { leader: 'a:1', keys: [users, { ...logs, local: true }] })
    const c = await servers.add('c:1', {
      leader: 'a:1',
      keys: [users, { ...logs, leader: 'b:1' }],
    })
    for (const [at, { state }] of [a, b, c].entries())
      for (const list of ['users', 'logs']) await state.set(`${list}/${at}`, at)
    await servers.level()
    expect((await c.state.list('users/*')).length).toBe(3)
    expect((await c.state.list('logs/*')).length).toBe(3)
    expect([a, b, c].map(({ cluster }) => cluster.role)).toEqual(['mixed', 'mixed', 'node'])
    servers.lines.cut('b:1', 'c:1')
    await c.state.set('logs/c', 'goes by way of a, a member as well')
    await c.state.set('users/c', 'goes to a, and on to b')
    await servers.level()
  })

  it('works along a chain, and where two take each other for the leader', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1', { leader: 'b:1' })
    const b = await servers.add('b:1', { leader: 'a:1' })
    const c = await servers.add('c:1', { leader: 'b:1' })
    const d = await servers.add('d:1', { leader: 'c:1' })
    for (const { state, address } of [a, b, c, d]) await state.set(`users/${address[0]}`, 1)
    await servers.level()
    expect((await a.state.list('users/*')).length).toBe(4)
  })

  it('says when it is closed what waits for leaders, those too that were never reached', async () => {
    await using servers = new Servers()
    const keys = [{ path: 'users/*' }, { path: 'orders/*', leader: 'd:1' }]
    const { cluster, state } = await servers.add('b:1', { leader: 'a:1', keys })
    await state.set('users/1', 1)
    await state.set('users/2', 2)
    const { peers } = await cluster.close()
    expect(peers).toEqual([{ address: 'a:1', storage: 'main', unsent: { count: 2, more: false } }])
    expect(await cluster.close()).toEqual({ peers })
    const open = await servers.add('c:1', { leader: 'a:1' })
    await open.state.close()
    expect(await open.cluster.close()).toEqual({ peers: [{ address: 'a:1', storage: 'main' }] })
  })

  it.each([
    [null, 'options'],
    [{ within: -1 }, 'within'],
    [{ whithin: 5 }, 'whithin'],
  ])('is not closed by what makes no sense: %j', async (closing, words) => {
    await using servers = new Servers()
    const { cluster, state } = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    await expect(cluster.close(closing as never)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(words),
    })
    await member.state.set('users/1', 1)
    await servers.until(async () => (await state.get('users/1')) !== undefined)
  })
})

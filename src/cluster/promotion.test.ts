import { describe, expect, it } from 'vitest'
import { type Server, Servers } from './fixtures/servers.ts'

const nodes = (...addresses: string[]) => ({ nodes: addresses })

async function three(servers: Servers): Promise<[Server, Server, Server]> {
  const a = await servers.add('a:1', nodes('b:1', 'c:1'))
  const b = await servers.add('b:1', { leader: 'a:1', ...nodes('c:1') })
  const c = await servers.add('c:1', { leader: 'a:1', ...nodes('b:1') })
  await a.state.set('users/0', 0)
  await servers.level(a, b, c)
  return [a, b, c]
}

const leaders = async (servers: readonly Server[]) => {
  const all = await Promise.all(servers.map(({ cluster }) => cluster.status()))
  return all.map(({ keys }) => keys[0]?.leader)
}

async function agree(servers: Servers, all: readonly Server[], leader: string): Promise<void> {
  await servers.until(async () => (await leaders(all)).every((one) => one === leader), 'one leader')
}

describe('promotion', () => {
  it('makes a member the leader for everybody, and the leader a member', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    expect(await b.cluster.promote()).toEqual({
      keys: [
        { path: 'users/*', previous: 'a:1' },
        { path: 'settings', previous: 'a:1' },
      ],
    })
    await agree(servers, [a, b, c], 'b:1')
    expect([a, b, c].map(({ cluster }) => cluster.role)).toEqual(['node', 'pivot', 'node'])
    for (const [at, { state }] of [a, b, c].entries()) await state.set(`users/${at}`, at)
    await servers.level()
    // Once all agree, the leader links with nobody.
    await servers.until(async () => {
      const { peers } = await b.cluster.status()
      return peers.every(({ links }) => links.length === 0)
    })
    const { keys } = await a.cluster.status()
    expect(keys[0]).toMatchObject({ role: 'member', leader: 'b:1' })
    expect(keys[0]?.term).toBeGreaterThan(0n)
    expect(await b.cluster.promote()).toEqual({ keys: [] })
  })

  it('of all keys is one commit: a crash promotes all of them or none', async () => {
    await using servers = new Servers()
    const [, b] = await three(servers)
    const commits: (readonly string[])[] = []
    const stop = b.state.observe('cluster/*', ({ changes }) => {
      commits.push(changes.map(({ path }) => path).toSorted())
    })
    await b.cluster.promote(['settings', 'users/*', 'settings'])
    stop()
    expect(commits).toEqual([['cluster/73657474696e6773', 'cluster/75736572732f2a']])
  })

  it('of more keys than one commit takes is made in some', async () => {
    await using servers = new Servers()
    const keys = Array.from({ length: 1_001 }, (_, at) => ({ path: `key${at}` }))
    const { cluster } = await servers.add('b:1', { keys, leader: 'a:1' })
    expect((await cluster.promote()).keys.length).toBe(1_001)
    expect(cluster.role).toBe('pivot')
  })

  it('of some keys leaves the others where they are', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    await b.cluster.promote(['settings'])
    await servers.until(() => a.cluster.role === 'mixed' && b.cluster.role === 'mixed')
    await c.state.set('settings', 1)
    await c.state.set('users/1', 1)
    await servers.level()
  })

  it('K1: while the leader is away: it comes back as a member, and its unsynced writes survive', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    servers.lines.cut('a:1', 'b:1')
    servers.lines.cut('a:1', 'c:1')
    await a.state.set('users/a', 'written by the former leader')
    await b.cluster.promote()
    await agree(servers, [b, c], 'b:1')
    await b.state.set('users/b', 'written by the new one')
    await c.state.set('users/c', 'written by a member')
    await servers.level(b, c)
    servers.lines.healAll()
    await agree(servers, [a, b, c], 'b:1')
    await servers.level()
    expect((await c.state.list('users/*')).length).toBe(4)
  })

  it('K1: the former leader that was stopped learns of it when it starts again', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    servers.lines.cut('a:1', 'b:1')
    servers.lines.cut('a:1', 'c:1')
    await a.state.set('users/a', 'unsynced')
    await a.stop()
    servers.lines.healAll()
    await b.cluster.promote()
    await agree(servers, [b, c], 'b:1')
    await a.start()
    await agree(servers, [a, b, c], 'b:1')
    await servers.level()
    expect((await c.state.get('users/a'))?.data).toBe('unsynced')
  })

  it('K1: of two at once, on both sides of a partition, the later one stands, and no write is lost', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    await a.stop()
    servers.lines.cut('b:1', 'c:1')
    await servers.pass(6_000)
    await b.cluster.promote()
    await b.state.set('users/b', 1)
    await servers.pass(1_000)
    await c.cluster.promote()
    await c.state.set('users/c', 1)
    expect([b, c].map(({ cluster }) => cluster.role)).toEqual(['pivot', 'pivot'])
    servers.lines.healAll()
    await agree(servers, [b, c], 'c:1')
    await a.start()
    await agree(servers, [a, b, c], 'c:1')
    await servers.level()
    expect((await a.state.list('users/*')).length).toBe(3)
  })

  it('of who leads already stands over one elsewhere that it had not heard of', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    for (const one of ['b:1', 'c:1']) servers.lines.cut('a:1', one)
    await b.cluster.promote()
    await agree(servers, [b, c], 'b:1')
    await servers.pass(1_000)
    expect(await a.cluster.promote()).toEqual({ keys: [] })
    servers.lines.healAll()
    await agree(servers, [a, b, c], 'a:1')
    await servers.level()
  })

  it('T5: is refused where the clock is a day ahead of all others, and of one that is wrong itself it is not', async () => {
    await using servers = new Servers()
    const day = 24 * 60 * 60_000
    const a = await servers.add('a:1', nodes('b:1', 'c:1'))
    const b = await servers.add('b:1', { leader: 'a:1', ahead: 2 * day, ...nodes('c:1') })
    await servers.add('c:1', { leader: 'a:1', ...nodes('b:1') })
    const seen = (server: Server) => server.cluster.peers.every(({ healthy }) => healthy)
    // Members look at the leader only, as long as it is there.
    await servers.until(() => seen(a) && b.cluster.peers.length > 0 && seen(b))
    await expect(b.cluster.promote()).rejects.toMatchObject({
      code: 'clock',
      details: { ahead: 2 * day },
    })
    expect(a.cluster.role).toBe('pivot')
    expect(await a.cluster.promote()).toEqual({ keys: [] })
    // Whoever is alone knows of no other clock.
    for (const one of ['a:1', 'c:1']) servers.lines.cut('b:1', one)
    await servers.until(() => b.cluster.peers.every(({ healthy }) => healthy === false))
    expect((await b.cluster.promote()).keys.length).toBe(2)
  })

  it('T5: is refused where the clock is a day behind all others, of whom there are two', async () => {
    await using servers = new Servers()
    const day = 24 * 60 * 60_000
    const a = await servers.add('a:1', nodes('b:1', 'c:1'))
    const b = await servers.add('b:1', { leader: 'a:1', ahead: -2 * day, ...nodes('c:1') })
    await servers.add('c:1', { leader: 'a:1', ...nodes('b:1') })
    const healthyAt = ({ cluster }: Server) => cluster.peers.filter((one) => one.healthy).length
    await servers.until(() => healthyAt(a) === 2 && healthyAt(b) === 2)
    await expect(b.cluster.promote()).rejects.toMatchObject({
      code: 'clock',
      details: { behind: 2 * day },
    })
    expect(await a.cluster.promote()).toEqual({ keys: [] })
    // Of two nobody can say which one is wrong.
    servers.lines.cut('b:1', 'c:1')
    await servers.until(() => healthyAt(b) === 1)
    expect((await b.cluster.promote()).keys.length).toBe(2)
  })

  it('K1: a former leader that is away is retired once its entry is gone, and still looked for', async () => {
    await using servers = new Servers()
    const setup = { nodesKey: 'things/*', advertise: true }
    const a = await servers.add('a:1', setup)
    const b = await servers.add('b:1', { ...setup, leader: 'a:1' })
    const c = await servers.add('c:1', { ...setup, leader: 'a:1' })
    const entries = () => b.state.list<{ ip: string }>('things/*')
    await servers.until(async () => (await entries()).length === 3)
    await servers.level()
    for (const one of ['b:1', 'c:1']) servers.lines.cut('a:1', one)
    await a.state.set('users/a', 'passed on to nobody')
    await a.stop()
    servers.lines.healAll()
    await b.cluster.promote(['users/*'])
    const seen = ({ cluster }: Server) =>
      cluster.status().then(({ peers }) => peers.find(({ address }) => address === 'a:1'))
    await servers.until(async () => (await seen(c))?.healthy === false)
    const entry = (await entries()).find(({ data }) => data.ip === 'a')?.path as string
    await b.state.delete(entry)
    await servers.pass(10_000)
    // It leads other keys still.
    expect([await seen(b), await seen(c)].map((one) => one?.retired)).toEqual([
      undefined,
      undefined,
    ])
    await b.cluster.promote()
    await servers.until(
      async () => (await seen(b))?.retired === true && (await seen(c))?.retired === true,
    )
    expect((await seen(b))?.healthy).toBe(false)
    await b.state.set(entry, { ip: 'a', port: 1 })
    await servers.until(async () => (await seen(c))?.retired === undefined)
    await b.state.delete(entry)
    await a.start()
    await agree(servers, [a, b, c], 'b:1')
    await servers.level()
    expect((await c.state.get('users/a'))?.data).toBe('passed on to nobody')
    expect(await seen(b)).toMatchObject({ healthy: true })
    expect(await seen(b)).not.toHaveProperty('retired')
  })

  it('leaves a former leader expected that a configuration names, where there is no list of servers', async () => {
    await using servers = new Servers()
    const [a, b] = await three(servers)
    const d = await servers.add('d:1', { leader: 'b:1' })
    await b.cluster.promote()
    await agree(servers, [a, b, d], 'b:1')
    await a.stop()
    const seen = ({ cluster }: Server) =>
      cluster.status().then(({ peers }) => peers.find(({ address }) => address === 'a:1'))
    await servers.until(async () => (await seen(d))?.retired === true)
    await servers.until(async () => (await seen(b))?.healthy === false)
    expect((await seen(b))?.retired).toBeUndefined()
  })

  it('survives a restart of everybody, whatever their configuration says', async () => {
    await using servers = new Servers()
    const all = await three(servers)
    const [a, b, c] = all
    await c.cluster.promote()
    await agree(servers, all, 'c:1')
    for (const one of all) await one.stop()
    for (const one of all) await one.start()
    await agree(servers, all, 'c:1')
    expect((await b.cluster.status()).keys[0]).toMatchObject({ leader: 'c:1', configured: 'a:1' })
    await a.state.set('users/1', 1)
    await servers.level()
  })

  it('back and forth ends where it was decided last', async () => {
    await using servers = new Servers()
    const all = await three(servers)
    for (const at of [1, 2, 0, 1]) {
      const one = all[at] as Server
      await one.cluster.promote()
      await agree(servers, all, one.address)
      await one.state.set(`users/${at}`, at)
    }
    await servers.level()
  })

  it('needs an address, and keys that there are', async () => {
    await using servers = new Servers()
    const [a] = await three(servers)
    const nameless = await servers.add('d:1', { leader: 'a:1', knowsAddress: false })
    await expect(nameless.cluster.promote()).rejects.toThrow(/needs this server’s address/)
    await expect(a.cluster.promote(['user/*'])).rejects.toThrow(/did you mean "users\/\*"/)
    await expect(a.cluster.promote('users/*' as never)).rejects.toThrow(/a list of keys/)
    await expect(a.cluster.promote([], { signal: AbortSignal.abort('no') })).rejects.toBe('no')
  })

  it('goes by no record that makes no sense', async () => {
    await using servers = new Servers()
    const [a, b, c] = await three(servers)
    const path = 'cluster/75736572732f2a'
    for (const data of [
      { pattern: 'users/*', leader: 'nowhere' },
      { pattern: 'other', leader: 'b:1' },
      7,
    ]) {
      await a.state.set(path, data)
      await servers.level()
      expect(await leaders([a, b, c])).toEqual(['a:1', 'a:1', 'a:1'])
    }
    await a.state.set(path, { pattern: 'users/*', leader: 'b:1' })
    await agree(servers, [a, b, c], 'b:1')
  })
})

describe('another leader in the configuration', () => {
  it('that is the same server at another address gets what waits, and nothing twice', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1')
    const b = await servers.add('b:1', { leader: 'a:1' })
    for (let at = 0; at < 100; at++) await a.state.set(`users/${at}`, at)
    await servers.level()
    await a.stop()
    await b.state.set('users/b', 'waits')
    await b.stop()
    await a.start({ knowsAddress: false })
    servers.lines.plug('moved:1', a.cluster)
    servers.lines.plug('a:1', undefined)
    const before = servers.lines.calls.length
    await b.start({ leader: 'moved:1' })
    await servers.level()
    expect((await a.state.get('users/b'))?.data).toBe('waits')
    const moved = servers.lines.calls.slice(before).reduce((sum, call) => sum + call.moved, 0)
    expect(moved).toBeLessThanOrEqual(2)
  })

  it('K1: gets what the former one has not confirmed; nothing is discarded', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1')
    const d = await servers.add('d:1')
    const b = await servers.add('b:1', { leader: 'a:1' })
    await a.state.set('users/a', 'at the former leader')
    await d.state.set('users/d', 'at the new one')
    await servers.level(a, b)
    servers.lines.cut('a:1', 'b:1')
    await b.state.set('users/b', 'confirmed by nobody')
    await b.stop()
    await b.start({ leader: 'd:1' })
    await servers.level(b, d)
    expect((await d.state.list('users/*')).length).toBe(3)
  })
})

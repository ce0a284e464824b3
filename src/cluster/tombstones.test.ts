import { describe, expect, it } from 'vitest'
import { type Server, Servers } from './fixtures/servers.ts'

const day = 86_400_000
const usual = { minimumAge: day, horizon: 30 * day }

describe('T2: the tombstone of a delete in a cluster', () => {
  it('goes from its leader once all members have it, and not while one is away', async () => {
    await using servers = new Servers()
    const [leader, there, away] = await three(servers)
    await leader.state.set('users/1', 1)
    await servers.level()
    await away.stop()
    await leader.state.delete('users/1')
    await servers.level(leader, there)
    await later(servers, 2 * day)
    expect(await buriedAt(leader)).toEqual(['users/1'])
    await away.start()
    await servers.level()
    await later(servers, 2 * day)
    expect(await buriedAt(leader)).toEqual([])
    // A member does not know who else its leader waits for: its own go at the horizon.
    for (const server of [there, away]) expect(await buriedAt(server)).toEqual(['users/1'])
    await later(servers, 31 * day)
    for (const server of [leader, there, away]) {
      expect(await server.state.get('users/1')).toBeUndefined()
      expect(await buriedAt(server)).toEqual([])
    }
  })

  it('K1: is not forgotten by members before the leader has heard all of them', async () => {
    await using servers = new Servers()
    const [leader, member, away] = await three(servers)
    await leader.state.set('users/1', 1)
    await servers.level()
    servers.lines.cut('a:1', 'c:1')
    await away.state.set('users/2', 'written while it was away')
    await servers.pass(1_000)
    await leader.state.delete('users/1')
    await servers.level(leader, member)
    await later(servers, 2 * day)
    for (const server of [leader, member]) await buriedAt(server)
    servers.lines.heal('a:1', 'c:1')
    await servers.level()
    for (const { state } of [leader, member, away]) {
      expect((await state.get('users/2'))?.data).toBe('written while it was away')
      expect(await state.late()).toEqual([])
    }
  })

  it('K1: is gone for a member that was away beyond the horizon: it gets what lives, and its writes survive', async () => {
    await using servers = new Servers()
    const [leader, there, away] = await three(servers)
    for (const name of ['deleted', 'changed', 'kept']) await leader.state.set(`users/${name}`, 1)
    await servers.level()
    await away.stop()
    await away.state.set('users/early', 'before the delete')
    await away.state.set('settings', 'where nothing was deleted')
    await servers.pass(1_000)
    await leader.state.delete('users/deleted')
    await leader.state.set('users/changed', 2)
    await servers.level(leader, there)
    for (const server of [leader, there]) await buriedAt(server)
    await later(servers, 31 * day)
    await away.state.set('users/late', 'after the delete')
    for (const server of [leader, there]) expect(await buriedAt(server)).toEqual([])
    const { pulled } = await away.state
      .replica()
      .link((await leader.state.replica().identity()).origin)
    const want = { count: 1, bytes: 1 }
    expect(await leader.state.replica().changes(pulled, want)).toEqual({ kind: 'reset' })
    await away.start()
    const all = [leader, there, away]
    const keys = ['settings', 'users/changed', 'users/kept', 'users/late']
    await servers.until(async () => {
      const held = await Promise.all(all.map(async ({ state }) => shownKeys(await state.keys())))
      return held.every((one) => one === keys.join())
    })
    for (const { state } of all) expect((await state.get('users/changed'))?.data).toBe(2)
    // What may have been deleted is kept aside by who found out, and restored by whoever wants it.
    const late = await leader.state.late()
    expect(late.map(({ change }) => change.path).toSorted()).toEqual([
      'users/deleted',
      'users/early',
    ])
    const early = late.find(({ change }) => change.path === 'users/early')
    if (early !== undefined) await leader.state.restoreLate(early)
    await servers.until(async () => (await away.state.get('users/early')) !== undefined)
    expect((await there.state.get('users/early'))?.data).toBe('before the delete')
  })

  it('K1: of a member that was away for days keeps out nothing that it wrote', async () => {
    await using servers = new Servers()
    const [leader, member] = await two(servers)
    await leader.state.set('users/1', 1)
    await servers.level()
    servers.lines.cut('a:1', 'b:1')
    await member.state.set('users/2', 'written while it was away')
    await servers.pass(1_000)
    await leader.state.delete('users/1')
    await later(servers, 2 * day)
    await buriedAt(leader)
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    for (const { state } of [leader, member]) expect((await state.keys()).keys).toContain('users/2')
  })
})

describe('K3: tombstones that go before a member looks beside its stream', () => {
  it('cost nothing where they came from who is looked at, at any greeting', async () => {
    await using servers = new Servers()
    const [leader, member] = await two(servers)
    for (const name of ['one', 'other', 'third']) await leader.state.set(`users/${name}`, 1)
    await servers.level()
    const { origin } = await leader.state.replica().identity()
    const began = await member.state.replica().link(origin)
    for (const name of ['one', 'other']) {
      const path = `users/${name}`
      await leader.state.delete(path)
      expect(await gone(servers, member, path)).toBe(1)
      const { calls } = servers.lines
      calls.length = 0
      // What it follows breaks off, or it looks by itself.
      if (name === 'one') servers.lines.cut('a:1', 'b:1')
      await servers.pass(1_000)
      servers.lines.healAll()
      await servers.pass(6 * 60_000)
      expect(calls.filter(({ operation }) => operation === 'pull').length).toBeGreaterThan(0)
      expect(calls.reduce((sum, { moved }) => sum + moved, 0)).toBe(0)
    }
    const { generation } = await member.state.replica().link(origin)
    expect(generation).toBe(began.generation)
    await leader.state.delete('users/third')
    expect(await gone(servers, member, 'users/third')).toBe(1)
    const { peers } = await member.cluster.close({ flush: false })
    expect(peers[0]?.unsent).toEqual({ count: 0, more: false })
  })

  it('T2: and all that lives is exchanged where some came from elsewhere', async () => {
    await using servers = new Servers()
    const [leader, member] = await two(servers)
    for (const name of ['one', 'other']) await leader.state.set(`users/${name}`, 1)
    await servers.level()
    const { origin } = await leader.state.replica().identity()
    const { generation } = await member.state.replica().link(origin)
    servers.lines.cut('a:1', 'b:1')
    await member.state.delete('users/one')
    expect(await gone(servers, member, 'users/one')).toBe(1)
    servers.lines.heal('a:1', 'b:1')
    await servers.pass(60_000)
    expect((await member.state.replica().link(origin)).generation).toBeGreaterThan(generation)
    for (const { state } of [leader, member]) expect(await state.get('users/one')).toBeUndefined()
    expect((await member.state.late()).map(({ change }) => change.path)).toEqual(['users/one'])
  })
})

/** A leader and a member of it. */
async function two(servers: Servers): Promise<readonly [Server, Server]> {
  return [await servers.add('a:1'), await servers.add('b:1', { leader: 'a:1' })]
}

/** The same, and one more member. */
async function three(servers: Servers): Promise<readonly [Server, Server, Server]> {
  return [...(await two(servers)), await servers.add('c:1', { leader: 'a:1' })]
}

/** How many tombstones a server lets go once that of a path has stood there for longer than a near horizon. */
async function gone(servers: Servers, { state }: Server, path: string): Promise<number> {
  await servers.until(async () => (await state.get(path)) === undefined, 'the delete')
  const near = { minimumAge: 1_000, horizon: 5_000 }
  await state.replica().sweep(near)
  await servers.pass(2 * near.horizon)
  return (await state.replica().sweep(near)).dropped
}

/** All servers look after their tombstones then. */
async function later(servers: Servers, ms: number): Promise<void> {
  servers.runtime.pass(ms)
  await servers.pass(30_000)
}

/** What users have written. */
function shownKeys({ keys }: { readonly keys: readonly string[] }): string {
  return keys.filter((path) => !path.startsWith('cluster/')).join()
}

async function buriedAt({ state }: Server): Promise<readonly string[]> {
  await state.replica().sweep(usual)
  const { rows } = await state.replica().feed({ count: 1_000 })
  return rows.filter(({ dataText }) => dataText === null).map(({ path }) => path)
}

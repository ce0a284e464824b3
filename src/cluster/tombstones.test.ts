import { describe, expect, it } from 'vitest'
import { type Server, Servers } from './fixtures/servers.ts'

const day = 86_400_000
const usual = { minimumAge: day, horizon: 30 * day }

describe('T2: the tombstone of a delete in a cluster', () => {
  it('goes once all members have it, and not while one is away', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const there = await servers.add('b:1', { leader: 'a:1' })
    const away = await servers.add('c:1', { leader: 'a:1' })
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
    for (const server of [leader, there, away]) {
      expect(await server.state.get('users/1')).toBeUndefined()
      expect(await buriedAt(server)).toEqual([])
    }
  })

  it('K1: of a member that was away for days keeps out nothing that it wrote', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
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

/** All servers look after their tombstones then. */
async function later(servers: Servers, ms: number): Promise<void> {
  servers.runtime.pass(ms)
  await servers.pass(30_000)
}

async function buriedAt({ state }: Server): Promise<readonly string[]> {
  await state.replica().sweep(usual)
  const { rows } = await state.replica().feed({ count: 1_000 })
  return rows.filter(({ dataText }) => dataText === null).map(({ path }) => path)
}

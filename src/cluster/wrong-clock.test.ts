import { describe, expect, it } from 'vitest'
import { type Server, Servers } from './fixtures/servers.ts'

const day = 86_400_000
const wrong = [
  ['two days', 2 * day],
  ['eighty years', 80 * 365 * day],
] as const

describe('T5: a leader whose clock was ahead', () => {
  it.each(wrong)(
    'by %s, and is right again: what is written after that stands everywhere',
    async (_how, ahead) => {
      await using servers = new Servers()
      const [leader, member, other] = await three(servers, ahead)
      for (const path of ['users/changed', 'users/deleted', 'users/gone', 'settings'])
        await leader.state.set(path, 'from ahead')
      await leader.state.delete('users/gone')
      await servers.level()
      leader.setClock(0)
      await servers.pass(5_000)
      const within = { until: 'leader', within: 10_000 } as const
      const written = [
        member.cluster.state().set('users/changed', 'by a member', within),
        other.cluster.state().delete('users/deleted', within),
        other.cluster.state().set('users/gone', 'back', within),
        member.cluster.state().set('users/new', 'by a member', within),
      ]
      await servers.pass(5_000)
      await Promise.all(written)
      // Somebody who has not heard of a write writes over what it was written over.
      servers.lines.cut('a:1', 'b:1')
      await other.state.set('settings', 'first')
      await member.state.set('settings', 'second')
      await member.state.set('settings', 'third')
      servers.lines.heal('a:1', 'b:1')
      await servers.level()
      for (const { state } of [leader, member, other]) {
        expect((await state.get('users/changed'))?.data).toBe('by a member')
        expect(await state.get('users/deleted')).toBeUndefined()
        expect((await state.get('users/gone'))?.data).toBe('back')
        expect((await state.get('users/new'))?.data).toBe('by a member')
        expect((await state.get('settings'))?.data).toBe('third')
        expect(await state.late()).toEqual([])
      }
    },
  )

  it.each(wrong)(
    'by %s, for days, forgets no delete: what is new in its list is not too late',
    async (_how, ahead) => {
      await using servers = new Servers()
      const all = await three(servers, ahead)
      const [leader, member, other] = all
      await leader.state.set('users/deleted', 1)
      await leader.state.delete('users/deleted')
      await servers.level()
      for (let days = 0; days < 3; days++) {
        servers.runtime.pass(day)
        await servers.pass(5_000)
      }
      await member.state.set('users/new', 'while it is ahead')
      await servers.level()
      leader.setClock(0)
      servers.runtime.pass(day)
      await servers.pass(5_000)
      await other.state.set('users/newer', 'since it is right')
      await servers.level()
      for (const { state } of all) {
        expect((await state.keys({ filter: 'users/*' })).keys).toEqual(['users/new', 'users/newer'])
        expect(await state.late()).toEqual([])
      }
    },
  )

  it('by eighty years, and begins anew under another one: nobody goes on above those times', async () => {
    await using servers = new Servers()
    const [leader, member, other] = await three(servers, 80 * 365 * day)
    await leader.state.set('users/1', 'from ahead')
    await servers.level()
    leader.setClock(0)
    await leader.stop()
    await member.cluster.promote()
    await servers.level(member, other)
    const anew = await servers.add('a:1', { leader: 'b:1' })
    await servers.level(anew, member, other)
    await servers.pass(10_000)
    const now = BigInt(servers.runtime.now()) * 1_000_000n
    for (const { state } of [anew, member, other]) {
      expect((await state.get('users/1'))?.data).toBe('from ahead')
      await state.set('users/2', 1)
      const { created = 0n, updated = 0n } = (await state.get('users/2')) ?? {}
      expect(created > updated ? created : updated).toBeLessThan(now + 120_000_000_000n)
      await servers.level(anew, member, other)
    }
  })
})

describe('T5: a member whose clock was ahead', () => {
  it.each(wrong)(
    'by %s, changes nothing elsewhere, is told what is refused, and begins anew',
    async (_how, ahead) => {
      await using servers = new Servers()
      const leader = await servers.add('a:1')
      const member = await servers.add('b:1', { leader: 'a:1', ahead })
      const other = await servers.add('c:1', { leader: 'a:1' })
      await leader.state.set('users/1', 'first')
      await servers.level()
      await member.state.set('users/1', 'from ahead')
      await servers.pass(5_000)
      member.setClock(0)
      await member.state.set('users/1', 'above it')
      await other.state.set('users/1', 'last')
      await servers.level(leader, other)
      expect((await leader.state.get('users/1'))?.data).toBe('last')
      expect((await other.state.get('users/1'))?.data).toBe('last')
      expect(await member.cluster.freshness('users/1')).toMatchObject({
        pendingWrites: 1,
        refused: [{ path: 'users/1', reason: 'clock' }],
      })
      await member.stop()
      const anew = await servers.add('b:1', { leader: 'a:1' })
      await servers.level(leader, other, anew)
      expect((await anew.state.get('users/1'))?.data).toBe('last')
    },
  )
})

async function three(servers: Servers, ahead: number): Promise<readonly [Server, Server, Server]> {
  const leader = await servers.add('a:1', { ahead, nodes: ['b:1'] })
  const member = await servers.add('b:1', { leader: 'a:1', nodes: ['c:1'] })
  const other = await servers.add('c:1', { leader: 'a:1', nodes: ['b:1'] })
  await servers.level()
  return [leader, member, other]
}

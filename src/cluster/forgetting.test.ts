import { describe, expect, it } from 'vitest'
import type { StateStorage } from '../contracts/index.ts'
import { silentLogger } from '../ports/index.ts'
import { openState } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { override } from '../testing/simulator/override.ts'
import { type Server, Servers } from './fixtures/servers.ts'
import type { ClusterKey } from './index.ts'

const forgetting: readonly ClusterKey[] = [
  { path: 'users/*', onLeaderChange: 'forget' },
  { path: 'settings' },
]

/** Two leaders that know nothing of each other, and a member of the first with writes that were not sent. */
async function moving(servers: Servers): Promise<readonly [Server, Server, Server]> {
  const a = await servers.add('a:1')
  const b = await servers.add('b:1')
  const m = await servers.add('m:1', { leader: 'a:1' })
  await b.state.set('users/b', 'of b')
  for (const path of ['users/1', 'users/2', 'settings']) await m.state.set(path, path)
  await servers.level(a, m)
  await a.state.delete('users/2')
  await servers.level(a, m)
  servers.lines.cut('a:1', 'm:1')
  await servers.pass(1_000)
  await m.state.set('users/3', 'unsent')
  await m.stop()
  return [a, b, m]
}

const usersAt = async ({ state }: Server) =>
  (await state.list('users/*', { order: 'path' })).map(({ path }) => path)

describe('K1: a key that is to be forgotten when its configured leader changes', () => {
  it('begins anew from that one, which gets nothing of it', async () => {
    await using servers = new Servers()
    const [, b, m] = await moving(servers)
    const said: unknown[] = []
    const logger = { ...silentLogger, warn: (...one: unknown[]) => void said.push(one) }
    await m.start({ leader: 'b:1', keys: forgetting, logger })
    expect(await usersAt(m)).toEqual([])
    await servers.level(b, m)
    expect(await usersAt(b)).toEqual(['users/b'])
    const gone = { from: 'a:1', objects: 2, tombstones: 1, unsent: 1, late: 0 }
    const { keys } = await m.cluster.status()
    expect(keys[0]?.forgotten).toMatchObject(gone)
    expect(keys[1]).not.toHaveProperty('forgotten')
    const words = 'another leader is followed: what was here of a key is forgotten'
    expect(said).toContainEqual([words, expect.objectContaining(gone)])
    // Other keys are not touched, and go on to the new leader.
    expect((await b.state.get('settings'))?.data).toBe('settings')
    for (const { state } of [b, m]) {
      const { rows } = await state.replica().feed()
      expect(rows.map(({ path }) => path)).not.toContain('users/2')
    }
  })

  it('is forgotten once: after a restart all is there, and status still tells', async () => {
    await using servers = new Servers()
    const [, b, m] = await moving(servers)
    await m.start({ leader: 'b:1', keys: forgetting })
    await servers.level(b, m)
    await m.state.set('users/4', 'new')
    await m.stop()
    await m.start({ leader: 'b:1', keys: forgetting })
    expect(await usersAt(m)).toEqual(['users/4', 'users/b'])
    await servers.level(b, m)
    expect((await m.cluster.status()).keys[0]?.forgotten).toMatchObject({ from: 'a:1' })
  })

  it('gets back what it once gave to that leader itself', async () => {
    await using servers = new Servers()
    const [a, , m] = await moving(servers)
    await m.start({ leader: 'b:1', keys: forgetting })
    servers.lines.heal('a:1', 'm:1')
    await m.stop()
    await m.start({ leader: 'a:1', keys: forgetting })
    await servers.level(a, m)
    expect(await usersAt(m)).toEqual(['users/1'])
    await a.state.set('users/1', 'again')
    await m.state.set('users/5', 5)
    await servers.level(a, m)
  })

  it('is kept by default, and where this server is to lead', async () => {
    await using servers = new Servers()
    const [, , m] = await moving(servers)
    await m.start({ leader: 'm:1', keys: forgetting })
    expect(await usersAt(m)).toEqual(['users/1', 'users/3'])
    await m.stop()
    await m.start({ keys: forgetting })
    await m.stop()
    await m.start({ leader: 'b:1' })
    expect(await usersAt(m)).toEqual(['users/1', 'users/3'])
  })

  it('is kept where nobody knows who was followed', async () => {
    await using servers = new Servers()
    const storage = await MemoryStateStorage.open({ runtime: servers.runtime })
    await (await openState({ storage, runtime: servers.runtime })).set('users/1', 1)
    const m = await servers.add('m:1', {
      ...{ leader: 'b:1', keys: forgetting },
      storage: async () => storage,
    })
    expect(await usersAt(m)).toEqual(['users/1'])
  })

  it('is kept by a promotion, and by a configuration that catches up with it', async () => {
    await using servers = new Servers()
    const options = { keys: forgetting, nodes: ['b:1', 'm:1'] }
    const a = await servers.add('a:1', options)
    const b = await servers.add('b:1', { leader: 'a:1', ...options })
    const m = await servers.add('m:1', { leader: 'a:1', ...options })
    await m.state.set('users/1', 1)
    await servers.level(a, b, m)
    await b.cluster.promote()
    await servers.until(() => m.cluster.leader === 'b:1')
    await m.stop()
    await m.start({ leader: 'a:1', ...options })
    expect(await usersAt(m)).toEqual(['users/1'])
    await m.stop()
    await m.start({ leader: 'b:1', ...options })
    expect(await usersAt(m)).toEqual(['users/1'])
    // Whoever else is named is another matter; who was promoted before is not heard of there.
    const c = await servers.add('c:1')
    await m.stop()
    const all = forgetting.map(({ path }) => ({ path, onLeaderChange: 'forget' as const }))
    await m.start({ leader: 'c:1', keys: all })
    await servers.level(c, m)
    expect([await usersAt(m), m.cluster.leader, c.cluster.role]).toEqual([[], 'c:1', 'pivot'])
  })

  it('of a server that was taken out of the list first stays with its new cluster, promotions elsewhere or not', async () => {
    await using servers = new Servers()
    const list = { nodesKey: 'things/*', advertise: true }
    const a = await servers.add('a:1', list)
    const b = await servers.add('b:1', { leader: 'a:1', ...list })
    const m = await servers.add('m:1', { leader: 'a:1', ...list })
    await m.state.set('users/1', 1)
    const entries = async () =>
      (await a.state.list('things/*', { order: 'path' })).map(({ path }) => path)
    await servers.until(async () => (await entries()).length === 3)
    await servers.level(a, b, m)
    await b.cluster.promote()
    await servers.until(() => m.cluster.leader === 'b:1')
    await m.stop()
    await a.state.delete((await entries())[2] as string)
    await servers.level(a, b)
    const c = await servers.add('c:1', list)
    await c.state.set('users/c', 'of c')
    const paths = ['users/*', 'settings', 'things/*']
    const keys = paths.map((path) => ({ path, onLeaderChange: 'forget' as const }))
    await m.start({ leader: 'c:1', ...list, keys })
    await servers.until(async () => (await usersAt(m)).includes('users/c'))
    await servers.pass(30_000)
    expect([await usersAt(m), await usersAt(c), await usersAt(a)]).toEqual([
      ['users/c'],
      ['users/c'],
      ['users/1'],
    ])
    expect([c.cluster.role, m.cluster.leader, b.cluster.role]).toEqual(['pivot', 'c:1', 'pivot'])
    expect((await c.state.list('things/*')).length).toBe(2)
  })

  it('goes the same way when it is attached', async () => {
    await using servers = new Servers()
    const [, b, m] = await moving(servers)
    const { lines } = servers
    lines.heal('a:1', 'm:1')
    await m.start({ leader: 'b:1', keys: [{ path: 'settings' }] })
    await m.cluster.attach('main', { keys: forgetting.slice(0, 1) })
    expect(await usersAt(m)).toEqual([])
    await servers.level(b, m)
    expect(await usersAt(m)).toEqual(['users/b'])
  })
})

describe('S4: a server that is killed while a key is forgotten', () => {
  const fault = new Error('the disk is gone')

  it.each(['before', 'after'] as const)(
    '%s the commit finishes it at the next start',
    async (at) => {
      await using servers = new Servers()
      const faults = { isOn: false }
      const storage = async () =>
        failing(await MemoryStateStorage.open({ runtime: servers.runtime }))
      const failing = (sound: StateStorage) =>
        override<StateStorage>(sound, {
          async forget(what, signal) {
            if (!faults.isOn) return sound.forget(what, signal)
            if (at === 'after') await sound.forget(what, signal)
            throw fault
          },
        })
      const b = await servers.add('b:1')
      await b.state.set('users/b', 'of b')
      const m = await servers.add('m:1', { leader: 'a:1', storage })
      await m.state.set('users/1', 'unsent')
      await m.stop()
      faults.isOn = true
      await expect(m.start({ leader: 'b:1', keys: forgetting })).rejects.toBe(fault)
      expect(await usersAt(m)).toEqual(at === 'before' ? ['users/1'] : [])
      await servers.pass(10_000)
      faults.isOn = false
      if (at === 'after') await m.state.set('users/2', 'written in between')
      await m.start({ leader: 'b:1', keys: forgetting })
      await servers.level(b, m)
      expect(await usersAt(b)).toEqual(at === 'before' ? ['users/b'] : ['users/2', 'users/b'])
    },
  )
})

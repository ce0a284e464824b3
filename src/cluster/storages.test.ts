import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openState, type StateTree } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { Servers } from './fixtures/servers.ts'

const folder = await mkdtemp(join(tmpdir(), 'rejoin-cluster-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('keys in other storages', () => {
  it('travel between the storages of their name, with who leads them', async () => {
    await using servers = new Servers()
    const { runtime } = servers
    const keys = [{ path: 'users/*' }, { path: 'logs/*', storage: 'audit' }]
    const audit = async () => ({ audit: await MemoryStateStorage.open({ runtime }) })
    const a = await servers.add('a:1', { keys, storages: await audit(), nodes: ['b:1'] })
    const b = await servers.add('b:1', { keys, storages: await audit(), leader: 'a:1' })
    await b.state.storage('audit').set('logs/1', 1)
    await b.state.storage('audit').set('users/1', 'not of this storage')
    await b.state.set('users/2', 2)
    await servers.level()
    await servers.until(async () => (await a.state.storage('audit').get('logs/1')) !== undefined)
    expect(await a.state.storage('audit').get('users/1')).toBeUndefined()
    await b.cluster.promote(['logs/*'])
    await servers.until(() => a.cluster.role === 'mixed')
    await a.state.storage('audit').set('logs/2', 2)
    await servers.until(async () => (await b.state.storage('audit').get('logs/2')) !== undefined)
    const write = a.cluster.state('audit').set('logs/3', 3, { until: 'leader' })
    await servers.until(async () => (await b.state.storage('audit').get('logs/3')) !== undefined)
    await write
    expect(() => a.cluster.state('audits')).toThrow(/one of main, audit/)
  })

  it('can be attached while all runs, also from elsewhere', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1')
    const b = await servers.add('b:1', { leader: 'a:1' })
    await servers.level()
    await using outside = await openState({ runtime: servers.runtime })
    await using inside = await openState({ runtime: servers.runtime })
    const keys = [{ path: 'tokens/*' }]
    await a.cluster.attach(outside, { name: 'auth', keys })
    await b.cluster.attach(inside, { name: 'auth', keys })
    for (const { cluster } of [a, b]) await cluster.attach('main', { keys: [{ path: 'more/*' }] })
    await inside.set('tokens/1', 'secret')
    await a.state.set('more/1', 1)
    await servers.until(async () => (await outside.get('tokens/1')) !== undefined)
    await servers.level()
    expect((await b.state.get('more/1'))?.data).toBe(1)
    b.cluster.syncCallback({ path: 'more/1' })
    await expect(a.cluster.attach('main', { keys: [{ path: 'users/1' }] })).rejects.toThrow(
      /key "users\/1" overlaps with "users\/\*"/,
    )
    await expect(a.cluster.attach('none', { keys })).rejects.toThrow(/one of main, auth/)
    await expect(a.cluster.attach(outside, { name: 'auth', keys })).rejects.toThrow(/name must be/)
    await expect(
      a.cluster.attach('main', { keys: [{ path: 'own/*', leader: 'b:1' }] }),
    ).rejects.toThrow(/on a server that follows none/)
  })

  it('are followed at once by who attaches them after the leader, and not after the next look', async () => {
    await using servers = new Servers()
    const { runtime } = servers
    const a = await servers.add('a:1', { probeInterval: 3_600_000 })
    const b = await servers.add('b:1', { leader: 'a:1', probeInterval: 3_600_000 })
    await servers.level()
    await using outside = await openState({ runtime })
    await using inside = await openState({ runtime })
    const keys = [{ path: 'tokens/*' }]
    await a.cluster.attach(outside, { name: 'auth', keys })
    await b.cluster.attach(inside, { name: 'auth', keys })
    const began = runtime.now()
    await outside.set('tokens/1', 'secret')
    await servers.until(async () => (await inside.get('tokens/1')) !== undefined)
    expect(runtime.now() - began).toBeLessThan(3_000)
  })

  it('can be attached once more when that failed: the name is free again', async () => {
    await using servers = new Servers()
    const a = await servers.add('a:1')
    const b = await servers.add('b:1', { leader: 'a:1' })
    const keys = [{ path: 'tokens/*' }]
    const closed = await openState({ runtime: servers.runtime })
    await closed.close()
    for (const { cluster } of [a, b]) {
      await expect(cluster.attach(closed, { name: 'auth', keys })).rejects.toMatchObject({
        code: 'closed',
      })
      expect(cluster.keys.map(({ path }) => path)).toEqual(['users/*', 'settings'])
      expect(() => cluster.state('auth')).toThrow(/one of main/)
    }
    await using outside = await openState({ runtime: servers.runtime })
    await using inside = await openState({ runtime: servers.runtime })
    await a.cluster.attach(outside, { name: 'auth', keys })
    await b.cluster.attach(inside, { name: 'auth', keys })
    await inside.set('tokens/1', 'secret')
    await servers.until(async () => (await outside.get('tokens/1')) !== undefined)
  })

  it('can be attached at once: each beside what the others have added', async () => {
    await using servers = new Servers()
    const { cluster } = await servers.add('a:1')
    await using one = await openState({ runtime: servers.runtime })
    await using two = await openState({ runtime: servers.runtime })
    const attach = (tree: StateTree, name: string, path: string) =>
      cluster.attach(tree, { name, keys: [{ path }] })
    await Promise.all([attach(one, 'one', 'one/*'), attach(two, 'two', 'two/*')])
    const keys = () => cluster.keys.map(({ path }) => path)
    expect(keys()).toEqual(['users/*', 'settings', 'one/*', 'two/*'])
    const outcomes = await Promise.allSettled([
      cluster.attach('main', { keys: [{ path: 'more/*' }] }),
      cluster.attach('main', { keys: [{ path: 'more/1' }] }),
      attach(one, 'three', 'three/*'),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(keys().slice(4)).toEqual(['more/*', 'three/*'])
  })
})

describe('K1: a restart', () => {
  it.each(['leader', 'member', 'both'] as const)(
    'of the %s on disk loses nothing that waits',
    async (who) => {
      await using servers = new Servers()
      servers.patience = 10_000
      const open = async (address: string, leader?: string) => {
        const file = join(folder, `${who}-${address.replace(':', '-')}.db`)
        return servers.add(address, {
          ...(leader !== undefined && { leader }),
          storage: (runtime) =>
            SqliteStateStorage.open({ path: file, runtime, node: address[0] as string }),
        })
      }
      const shut = async (one: Awaited<ReturnType<typeof open>>) => {
        await one.stop()
        await one.state.close()
      }
      let a = await open('a:1')
      let b = await open('b:1', 'a:1')
      await a.state.set('users/0', 0)
      await servers.level(a, b)
      servers.lines.cut('a:1', 'b:1')
      await a.state.set('users/a', 'waits at the leader')
      await b.state.set('users/b', 'waits at the member')
      await b.state.delete('users/0')
      if (who !== 'member') {
        await shut(a)
        a = await open('a:1')
      }
      if (who !== 'leader') {
        await shut(b)
        b = await open('b:1', 'a:1')
      }
      await servers.pass(5_000)
      servers.lines.heal('a:1', 'b:1')
      await servers.level(a, b)
      expect((await a.state.list('users/*', { order: 'path' })).map(({ path }) => path)).toEqual([
        'users/a',
        'users/b',
      ])
    },
  )
})

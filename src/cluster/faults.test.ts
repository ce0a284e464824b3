import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StateStorage } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { Servers } from './fixtures/servers.ts'

describe('a network that is cut one way', () => {
  it('from the leader to a member, changes nothing: the member dials', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', { nodes: ['b:1'] })
    const member = await servers.add('b:1', { leader: 'a:1' })
    await servers.level()
    servers.lines.cutWay('a:1', 'b:1')
    await servers.until(() => leader.cluster.peers[0]?.healthy === false)
    await leader.state.set('users/1', 'down')
    await member.state.set('users/2', 'up')
    await servers.level()
    expect((await member.cluster.freshness('users/1')).leaderReachable).toBe(true)
  })

  it('from a member to the leader, is an outage for that member', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', { nodes: ['b:1'] })
    const member = await servers.add('b:1', { leader: 'a:1' })
    await servers.level()
    servers.lines.cutWay('b:1', 'a:1')
    await member.state.set('users/1', 'waits')
    await servers.until(async () => !(await member.cluster.freshness('users/1')).leaderReachable)
    expect(await member.cluster.freshness('users/1')).toMatchObject({ pendingWrites: 1 })
    expect(await leader.state.get('users/1')).toBeUndefined()
    servers.lines.heal('a:1', 'b:1')
    await servers.level()
    expect((await leader.state.get('users/1'))?.data).toBe('waits')
  })
})

describe('S4: a member', () => {
  it('that was wiped gets everything back, but for what only it had', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1' })
    await member.state.set('users/1', 'passed on')
    await servers.level()
    servers.lines.cut('a:1', 'b:1')
    await member.state.set('users/2', 'only here')
    await member.stop()
    servers.lines.healAll()
    const fresh = await servers.add('b:1', { leader: 'a:1' })
    await servers.level(leader, fresh)
    expect((await fresh.state.list('users/*')).map(({ data }) => data)).toEqual(['passed on'])
  })
})

it('S4: a leader that was restored from an older backup gets the newer writes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-cluster-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['leader', 'restored']) mkdirSync(join(folder, name))
  await using servers = new Servers()
  servers.patience = 60_000
  const at = (name: string) => async (runtime: Runtime) =>
    SqliteStateStorage.open({ path: join(folder, name, 'state.db'), runtime, durability: 'normal' })
  const leader = await servers.add('a:1', { storage: at('leader') })
  const member = await servers.add('b:1', { leader: 'a:1' })
  await leader.state.set('users/1', 'before')
  await leader.state.set('users/2', 'before')
  await servers.level()
  cpSync(join(folder, 'leader'), join(folder, 'restored'), { recursive: true })
  await leader.state.set('users/1', 'after')
  await leader.state.delete('users/2')
  await servers.level()
  await leader.stop()
  const restored = await servers.add('a:1', { storage: at('restored') })
  await servers.level(restored, member)
  expect((await restored.state.list('users/*')).map(({ data }) => data)).toEqual(['after'])
})

describe('a full disk', () => {
  it('refuses writes on that server alone, and what it missed comes when there is space', async () => {
    await using servers = new Servers()
    const disk = { isFull: false }
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', {
      leader: 'a:1',
      storage: async (runtime) => onDisk(await MemoryStateStorage.open({ runtime }), disk),
    })
    await servers.level()
    disk.isFull = true
    await expect(member.state.set('users/1', 1)).rejects.toMatchObject({ code: 'storage_full' })
    await leader.state.set('users/2', 2)
    await servers.until(async () => {
      const { peers } = await member.cluster.status()
      return peers[0]?.links[0]?.error?.code === 'storage_full'
    })
    disk.isFull = false
    await servers.level()
    expect((await member.state.get('users/2'))?.data).toBe(2)
    await member.state.set('users/1', 1)
    await servers.level()
  })

  it('keeps a server from announcing itself only until there is space', async () => {
    await using servers = new Servers()
    const disk = { isFull: false }
    const { state, cluster, stop } = await servers.add('a:1', {
      ...{ nodesKey: 'things/*', advertise: true, syncOnStart: false },
      storage: async (runtime) => onDisk(await MemoryStateStorage.open({ runtime }), disk),
    })
    disk.isFull = true
    cluster.start()
    await servers.pass(30_000)
    expect(await state.list('things/*')).toEqual([])
    disk.isFull = false
    await servers.until(async () => (await state.list('things/*')).length === 1)
    expect((await state.list('things/*'))[0]?.data).toEqual({
      ip: 'a',
      port: 1,
      node: expect.any(String),
    })
    await stop()
  })
})

function onDisk(storage: StateStorage, disk: { readonly isFull: boolean }): StateStorage {
  return new Proxy(storage, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name, target)
      if (typeof found !== 'function') return found
      return (...args: readonly unknown[]) => {
        if (disk.isFull && (name === 'commit' || name === 'apply')) return Promise.reject(full())
        return found.apply(target, args)
      }
    },
  })
}

function full(): RejoinError {
  return new RejoinError('storage_full', 'the disk is full', {
    operation: 'write',
    component: 'store',
    retryable: true,
  })
}

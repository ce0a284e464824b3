import { describe, expect, it } from 'vitest'
import type { StateStorage } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { silentLogger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { openState } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { type Server, Servers } from './fixtures/servers.ts'

const problem = 'the last commit of the storage main failed: the disk is full'

describe('a server whose disk is full', () => {
  it('says so in its status, also as the leader, until a commit works again', async () => {
    await using servers = new Servers()
    const disk = new Disk()
    const said: unknown[][] = []
    const logger = {
      ...silentLogger,
      info: (...line: unknown[]) => void said.push(line),
      warn: (...line: unknown[]) => void said.push(line),
    }
    const leader = await servers.add('a:1', { ...disk.setup, logger })
    const told: (readonly string[])[] = []
    leader.cluster.onStatus(({ problems }) => void told.push(problems))
    await servers.until(() => told.length > 0)
    disk.isFull = true
    const full = { code: 'storage_full' }
    await expect(leader.state.set('users/1', 1)).rejects.toMatchObject(full)
    await expect(leader.state.set('users/1', 1)).rejects.toMatchObject(full)
    await servers.until(() => told.at(-1)?.length === 1)
    expect(await problemsOf(leader)).toEqual([problem])
    disk.isFull = false
    // What changes nothing is no proof.
    await leader.state.delete('users/*')
    expect(await problemsOf(leader)).toEqual([problem])
    await leader.state.set('users/1', 1)
    await servers.until(() => told.at(-1)?.length === 0)
    expect(await problemsOf(leader)).toEqual([])
    const lines = said.filter(([message]) => String(message).startsWith('a storage'))
    expect(lines).toEqual([
      ['a storage can not be written', { storage: 'main', error: expect.objectContaining(full) }],
      ['a storage can be written again', { storage: 'main' }],
    ])
  })

  it('says so also of what a link brings, and no more once that was taken in', async () => {
    await using servers = new Servers()
    const disk = new Disk()
    const leader = await servers.add('a:1')
    const member = await servers.add('b:1', { leader: 'a:1', ...disk.setup })
    await servers.level()
    disk.isFull = true
    await leader.state.set('users/1', 1)
    await servers.until(async () => (await problemsOf(member)).join() === problem)
    expect(await problemsOf(leader)).toEqual([])
    disk.isFull = false
    await servers.level()
    expect(await problemsOf(member)).toEqual([])
  })

  it('names the storage, also of another tree that takes part', async () => {
    await using servers = new Servers()
    const disk = new Disk()
    const storages = { fleet: await disk.storage(servers.runtime) }
    const { cluster, state } = await servers.add('a:1', { storages })
    const apart = await openState({ storage: await disk.storage(servers.runtime) })
    await cluster.attach(apart, { name: 'apart', keys: [{ path: 'apart/*' }] })
    disk.isFull = true
    await expect(state.storage('fleet').set('cars/1', 1)).rejects.toThrow('full')
    await expect(apart.set('apart/1', 1)).rejects.toThrow('full')
    expect((await cluster.status()).problems).toEqual([
      problem.replace('main', 'fleet'),
      problem.replace('main', 'apart'),
    ])
    await apart.close()
  })
})

async function problemsOf({ cluster }: Server): Promise<readonly string[]> {
  return (await cluster.status()).problems
}

/** Each commit on it fails as long as it is full. */
class Disk {
  isFull = false
  readonly setup = { storage: (runtime: Runtime) => this.storage(runtime) }

  async storage(runtime: Runtime): Promise<StateStorage> {
    return new Proxy<StateStorage>(await MemoryStateStorage.open({ runtime }), {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name, target)
        if (name === 'inMemory') return false
        if (typeof found !== 'function') return found
        return (...args: readonly unknown[]) => {
          const fails = this.isFull && (name === 'commit' || name === 'apply')
          return fails ? Promise.reject(full()) : found.apply(target, args)
        }
      },
    })
  }
}

function full(): RejoinError {
  const where = { operation: 'write', component: 'store' }
  return new RejoinError('storage_full', 'the disk is full', where)
}

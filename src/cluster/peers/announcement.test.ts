import { describe, expect, it } from 'vitest'
import { until } from '../../../test/linked.ts'
import { silentLogger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { openState, type State } from '../../state/index.ts'
import { MemoryStateStorage } from '../../store/memory/index.ts'
import { handDriven } from '../../transport/fixtures/hand-driven.ts'
import { type Server, Servers } from '../fixtures/servers.ts'
import { Announcement } from './announcement.ts'

const setup = { nodesKey: 'things/*', advertise: true }

describe('a server that is at another address', () => {
  it('replaces its own entry, and leaves those of others alone', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', setup)
    const member = await servers.add('b:1', { ...setup, leader: 'a:1' })
    await leader.state.set('things/printer', { ip: 'printer', port: 1, node: 'c-1' })
    await announced(servers, leader, 'a:1', 'b:1', 'printer:1')
    await member.stop()
    await member.start({ ...setup, leader: 'a:1', address: 'b:2' })
    await announced(servers, leader, 'a:1', 'b:2', 'printer:1')
    const addresses = () => leader.cluster.peers.map(({ address }) => address)
    await servers.until(() => addresses().join() === 'b:2,printer:1')
    // And back, where it has been before.
    await member.stop()
    await member.start({ ...setup, leader: 'a:1' })
    await announced(servers, leader, 'a:1', 'b:1', 'printer:1')
  })

  it('does so at the next start, when it was killed right after it had written the new one', async () => {
    await using servers = new Servers()
    const server = await servers.add('a:1', setup)
    await announced(servers, server, 'a:1')
    const [old] = await server.state.list<object>('things/*')
    await server.stop()
    for (const address of ['a:2', 'a:3']) {
      // Whichever is the later one, and as many as there are.
      const [ip = '', port] = address.split(':')
      await server.state.set(`things/left${port}`, { ...old?.data, ip, port: Number(port) })
    }
    await server.start({ ...setup, address: 'a:2' })
    await announced(servers, server, 'a:2')
    expect((await server.state.list('things/*')).length).toBe(1)
  })

  it('does so also with an old entry that only comes back when others are there again', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', setup)
    const member = await servers.add('b:1', { ...setup, leader: 'a:1' })
    await announced(servers, leader, 'a:1', 'b:1')
    const [old] = (await leader.state.list<object>('things/*')).filter(({ data }) =>
      JSON.stringify(data).includes('b-1'),
    )
    await member.stop()
    await member.start({ ...setup, leader: 'a:1', address: 'b:2' })
    await announced(servers, leader, 'a:1', 'b:2')
    servers.lines.cut('a:1', 'b:1')
    await member.stop()
    // Somebody has restored a list of yesterday.
    await leader.state.set(old?.path as string, old?.data)
    await servers.pass(5_000)
    await member.start({ ...setup, leader: 'a:1', address: 'b:3' })
    await servers.pass(5_000)
    servers.lines.healAll()
    await servers.until(async () => (await leader.state.get(old?.path as string)) === undefined)
    await announced(servers, leader, 'a:1', 'b:3')
  })

  it('does not fight with a copy of itself that runs elsewhere: both are listed', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', setup)
    const member = await servers.add('b:1', { ...setup, leader: 'a:1' })
    await announced(servers, leader, 'a:1', 'b:1')
    const [own] = (await member.state.list<object>('things/*')).filter(({ data }) =>
      JSON.stringify(data).includes('b-1'),
    )
    await servers.pass(1_000)
    await leader.state.set('things/copy', { ...own?.data, ip: 'copy' })
    await servers.pass(30_000)
    const writes = (await leader.state.replica().identity()).end
    await announced(servers, leader, 'a:1', 'b:1', 'copy:1')
    await servers.pass(30_000)
    expect((await leader.state.replica().identity()).end).toBe(writes)
  })
})

describe('two servers that announce themselves as one', () => {
  it('are both listed when one is a copy of the other, whichever starts again, and write no more', async () => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', setup)
    const copy = { ...setup, leader: 'a:1', storage: storageOf('twin') }
    const one = await servers.add('b:1', copy)
    const other = await servers.add('c:1', copy)
    const listed = async () => {
      await announced(servers, leader, 'a:1', 'b:1', 'c:1')
      await servers.pass(5_000)
      const { end } = await leader.state.replica().identity()
      await servers.pass(120_000)
      await announced(servers, leader, 'a:1', 'b:1', 'c:1')
      expect((await leader.state.replica().identity()).end).toBe(end)
    }
    await listed()
    for (const { stop, start } of [one, other, one]) {
      await stop()
      await start(copy)
      await listed()
    }
  })

  it.each([
    ['have one storage', true, 0],
    ['have copies, and the clock of the former is hours ahead', false, 7_200_000],
    ['have copies, and the clock of the former is hours behind', false, -7_200_000],
  ])('are so also where both %s', async (_, isShared, ahead) => {
    await using servers = new Servers()
    const leader = await servers.add('a:1', setup)
    const shared = await storageOf('twin')(servers.runtime)
    const storage = isShared ? async () => shared : storageOf('twin')
    await servers.add('b:1', { ...setup, leader: 'a:1', storage, ahead })
    await servers.add('c:1', { ...setup, leader: 'a:1', storage })
    await announced(servers, leader, 'a:1', 'b:1', 'c:1')
    await servers.pass(5_000)
    const { end } = await leader.state.replica().identity()
    await servers.pass(120_000)
    expect((await leader.state.replica().identity()).end).toBe(end)
  })

  it('write it once each when they are two with one address, and the former says so until that is over', async () => {
    await using servers = new Servers()
    const warnings: unknown[][] = []
    const logger = { ...silentLogger, warn: (...said: unknown[]) => void warnings.push(said) }
    const leader = await servers.add('a:1', setup)
    const first = await servers.add('b:1', { ...setup, leader: 'a:1', logger })
    await announced(servers, leader, 'a:1', 'b:1')
    const second = await servers.add('c:1', { ...setup, leader: 'a:1', address: 'b:1' })
    const problems = async () => (await first.cluster.status()).problems
    await servers.until(async () => (await problems()).length === 1)
    expect(await problems()).toEqual([
      'another server, c-1, announces itself at b:1, the address of this one: give each its own (rejoin serve --advertise)',
    ])
    const { end } = await leader.state.replica().identity()
    await servers.pass(120_000)
    await announced(servers, leader, 'a:1', 'b:1')
    expect((await leader.state.replica().identity()).end).toBe(end)
    const said = warnings.filter(([message]) => String(message).includes('announces itself'))
    expect(said).toEqual([[expect.any(String), { address: 'b:1', node: 'c-1' }]])
    await second.stop()
    await second.start({ ...setup, leader: 'a:1', address: 'c:1' })
    await announced(servers, leader, 'a:1', 'b:1', 'c:1')
    await servers.until(async () => (await problems()).length === 0)
  })

  it('wait longer each time they write it again where somebody always takes it away', async () => {
    await using servers = new Servers()
    const { state } = await servers.add('a:1', setup)
    let written = 0
    state.observe('things/*', ({ changes }) => {
      for (const { path, object } of changes)
        if (object !== undefined) {
          written++
          void state.delete(path)
        }
    })
    await servers.pass(600_000)
    expect(written).toBeGreaterThanOrEqual(8)
    expect(written).toBeLessThanOrEqual(12)
  })

  it('wait no more once they are closed, also when they were just looking', async () => {
    const runtime = handDriven()
    await using state = await openState()
    let look = Promise.resolve()
    const list = async (pattern: string) => {
      const entries = await state.list(pattern)
      await look
      return entries
    }
    const { write, observe } = state
    const looking = { list, write: write.bind(state), observe: observe.bind(state) } as State
    const announcement = new Announcement({
      ...{ state: looking, nodesKey: 'things/*', address: 'a:1', node: 'a-1' },
      ...{ runtime, logger: silentLogger, onChange: () => {} },
    })
    await announcement.begin()
    const [{ path } = { path: '' }] = await state.list('things/*')
    // Written again at once, and then after a wait.
    await state.delete(path)
    await until(async () => (await state.get(path)) !== undefined)
    const gate = Promise.withResolvers<void>()
    look = gate.promise
    await state.delete(path)
    for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next))
    const closing = announcement.close()
    gate.resolve()
    await closing
    expect(await state.get(path)).toBeUndefined()
    expect(runtime.pending).toBe(0)
  })
})

function storageOf(node: string) {
  return (runtime: Runtime) => MemoryStateStorage.open({ runtime, node })
}

/** Just these, as everybody has it. */
async function announced(servers: Servers, at: Server, ...addresses: readonly string[]) {
  const shown = async () => {
    const entries = await at.state.list<{ readonly ip: string; readonly port: number }>('things/*')
    return entries.map(({ data: { ip, port } }) => `${ip}:${port}`).toSorted()
  }
  await servers.until(
    async () => (await shown()).join() === addresses.join(),
    `the list ${addresses}`,
  )
}

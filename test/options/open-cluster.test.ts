import { describe, expect } from 'vitest'
import { Servers } from '../../src/cluster/fixtures/servers.ts'
import {
  type Cluster,
  type ClusterOptions,
  type KeyMeasure,
  openCluster,
  type PeerNetwork,
} from '../../src/cluster/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { openState, type StateTree } from '../../src/state/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { type OptionTest, testEachOption } from './each-option.ts'

type Test = OptionTest<ClusterOptions, Promise<Cluster>>

/** A leader at a:1, a state that is not shared yet, and what a member of it has to be given. */
async function world() {
  const servers = new Servers()
  const { runtime, lines } = servers
  const keys = [{ path: 'users/*' }, { path: 'things/*' }]
  const leader = await servers.add('a:1', { keys })
  const state = await openState({ runtime })
  const given = { state, keys, network: lines.from('b:1'), leader: 'a:1', runtime }
  const has = (tree: StateTree, path: string) => async () => (await tree.get(path)) !== undefined
  const end = async () => {
    await state.close()
    await servers[Symbol.asyncDispose]()
  }
  return { servers, runtime, lines, leader, state, given, has, [Symbol.asyncDispose]: end }
}

const tests = {
  async state(make) {
    await using here = await world()
    await using _ = await make(here.given)
    await here.state.set('users/1', 1)
    await here.servers.until(here.has(here.leader.state, 'users/1'))
  },

  async name(make) {
    await using here = await world()
    await here.servers.add('c:1', { name: 'another' })
    await using cluster = await make({ ...here.given, leader: 'c:1', name: 'one' })
    await here.servers.until(() => cluster.peers[0]?.kind === 'foreign')
  },

  async keys(make) {
    await using here = await world()
    await using _ = await make(here.given)
    await here.state.set('users/1', 1)
    await here.servers.until(here.has(here.leader.state, 'users/1'))
  },

  async network(make) {
    await using here = await world()
    await using _ = await make(here.given)
    await here.servers.until(() => here.lines.calls.some(({ from }) => from === 'b:1'))
  },

  async leader(make) {
    await using here = await world()
    await using cluster = await make(here.given)
    expect(cluster.role).toBe('node')
  },

  async nodesKey(make) {
    await using here = await world()
    await here.state.set('things/1', { ip: 'c', port: 1 })
    await using cluster = await make({ ...here.given, nodesKey: 'things/*' })
    await here.servers.until(() => cluster.peers.some(({ address }) => address === 'c:1'))
  },

  async nodes(make) {
    await using here = await world()
    await using cluster = await make({ ...here.given, nodes: ['c:1'] })
    await here.servers.until(() => cluster.peers.some(({ address }) => address === 'c:1'))
  },

  async address(make) {
    await using here = await world()
    await using cluster = await make({ ...here.given, address: 'b:1' })
    expect((await cluster.promote()).keys.length).toBe(2)
  },

  async advertise(make) {
    await using here = await world()
    const known = { nodesKey: 'things/*', address: 'b:1' }
    await using _ = await make({ ...here.given, ...known, advertise: true })
    await here.servers.until(async () => (await here.state.list('things/*')).length === 1)
  },

  async syncOnStart(make) {
    await using here = await world()
    await using _ = await make({ ...here.given, syncOnStart: false })
    await here.servers.pass(5_000)
    expect(here.lines.calls).toEqual([])
  },

  async probeInterval(make) {
    await using here = await world()
    await using _ = await make({ ...here.given, probeInterval: 60_000 })
    await here.servers.pass(59_000)
    expect(here.lines.calls.filter(({ operation }) => operation === 'about').length).toBe(1)
  },

  async probeTimeout(make) {
    await using here = await world()
    here.lines.cut('a:1', 'b:1', 'silent')
    await using cluster = await make({ ...here.given, probeTimeout: 250 })
    await here.servers.pass(500)
    expect(cluster.peers[0]?.error?.code).toBe('timeout')
  },

  async timeout(make) {
    await using here = await world()
    await using cluster = await make({ ...here.given, timeout: 1_000 })
    const phase = async () => (await cluster.status()).peers[0]?.links[0]?.phase
    await here.servers.until(async () => (await phase()) === 'live')
    here.lines.cut('a:1', 'b:1', 'swallowing')
    const error = cluster.synchronize().catch((cause: unknown) => cause)
    await here.servers.pass(2_000)
    expect(await Promise.race([error, undefined])).toMatchObject({ code: 'timeout' })
  },

  async interval(make) {
    await using here = await world()
    here.lines.streams = false
    await using _ = await make({ ...here.given, interval: 2_000 })
    await here.servers.pass(3_000)
    await here.leader.state.set('users/1', 1)
    await here.servers.pass(3_000)
    expect(await here.state.get('users/1')).toBeDefined()
  },

  async readLimit(make) {
    await using here = await world()
    here.lines.streams = false
    await using cluster = await make({ ...here.given, readLimit: 5_000 })
    const phase = async () => (await cluster.status()).peers[0]?.links[0]?.phase
    await here.servers.until(async () => (await phase()) === 'polling')
    here.lines.cut('a:1', 'b:1', 'swallowing')
    let isRead = false
    const reading = cluster.beforeRead('users/1').then(() => (isRead = true))
    await here.servers.pass(1_000)
    expect(isRead).toBe(false)
    await here.servers.pass(5_000)
    await reading
  },

  async proofInterval(make) {
    await using here = await world()
    const network: PeerNetwork = {
      ...here.given.network,
      compare: (_, asked, signal) => here.leader.cluster.compare(asked, signal),
    }
    await using cluster = await make({ ...here.given, network, proofInterval: 1_000 })
    await here.servers.until(
      async () => (await cluster.status()).peers[0]?.links[0]?.phase === 'live',
    )
    await here.servers.pass(5_000)
    expect((await cluster.status()).keys[0]?.proof).toMatchObject({ agrees: true, defects: 0 })
  },

  async metrics(make) {
    await using here = await world()
    const network: PeerNetwork = {
      ...here.given.network,
      compare: (_, asked, signal) => here.leader.cluster.compare(asked, signal),
    }
    const counted: KeyMeasure[] = []
    const metrics = { keyCompared: (one: KeyMeasure) => void counted.push(one) }
    await using cluster = await make({ ...here.given, network, metrics, proofInterval: 1_000 })
    await here.servers.until(
      async () => (await cluster.status()).peers[0]?.links[0]?.phase === 'live',
    )
    await here.servers.pass(5_000)
    const compared = { key: 'users/*', storage: 'main', leader: 'a:1', defects: 0, left: 0 }
    expect(counted).toContainEqual(expect.objectContaining(compared))
  },

  async logger(make) {
    await using here = await world()
    const words: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void words.push(message) }
    const runtime = { ...here.runtime, now: () => here.runtime.now() + 3_600_000 }
    await using _ = await make({ ...here.given, logger, runtime })
    await here.servers.until(() => words.includes('the clock of a peer is off'))
  },

  async runtime(make) {
    await using here = await world()
    const runtime = handDriven()
    await using _ = await make({ ...here.given, runtime })
    expect(runtime.pending).toBeGreaterThan(0)
  },

  async signal(make) {
    await using here = await world()
    const opening = make({ ...here.given, signal: AbortSignal.abort('enough') })
    await expect(opening).rejects.toBe('enough')
  },
} satisfies Record<keyof ClusterOptions, Test>

describe('an option of openCluster:', () =>
  testEachOption<ClusterOptions, Promise<Cluster>>(tests, {
    section: '`openCluster`',
    make: (options) => openCluster(options),
  }))

import { expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { openState } from '../../state/index.ts'
import { openCluster } from '../cluster.ts'
import { clusterServer } from '../http/cluster-server.ts'
import { httpPeerNetwork } from '../http/network.ts'
import { GoServer } from './fixtures/go-server.ts'
import { PivotNet } from './fixtures/pivot-net.ts'

const keys = ['users/*', 'settings']
const one = '10.0.0.1:8080'
const other = '10.0.0.2:8080'

/** A server of ours as it is: its cluster, and what it answers to others. */
async function ours(net: PivotNet, address: string, leader?: string) {
  const state = await openState()
  const network = httpPeerNetwork({ address, fetch: net.from(address) })
  const nodes = [one, other].filter((each) => each !== address)
  const cluster = await openCluster({
    ...{ state, network, address, nodes },
    // Servers of the original have none: they are linked with as ever.
    name: 'a fleet',
    ...(leader !== undefined && { leader }),
    keys: keys.map((path) => ({ path })),
    // What comes, comes because somebody said so.
    interval: 3_600_000,
    probeInterval: 50,
  })
  const server = clusterServer(cluster)
  net.add(address, (request) => server.handle(request))
  return {
    state,
    cluster,
    async [Symbol.asyncDispose]() {
      await cluster.close()
      await state.close()
    },
  }
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await systemRuntime.sleep(5)
}

it('K1: a server of ours under a leader of the original: each hears of the other’s writes and deletes', async () => {
  const net = new PivotNet()
  const leader = new GoServer({ address: one, keys, net, now: clock(), nodes: [other] })
  await using member = await ours(net, other, one)
  await member.state.set('users/ours', 1)
  await until(() => leader.storage.get('users/ours') !== undefined)
  await leader.set('users/theirs', 2)
  await until(async () => (await member.state.get('users/theirs'))?.data === 2)
  await member.state.delete('users/theirs')
  await until(() => leader.storage.get('users/theirs') === undefined)
  await leader.del('users/ours')
  await until(async () => (await member.state.get('users/ours')) === undefined)

  net.cut(one)
  await member.state.set('settings', 'while it was away')
  await member.state.set('users/b-c', 'not for a leader of the original')
  net.mend(one)
  await until(() => leader.storage.get('settings') !== undefined)
  const parked = async () => (await member.cluster.status()).peers[0]?.links[0]?.parked ?? []
  await until(async () => (await parked()).length > 0)
  expect((await parked()).map(({ id }) => id)).toEqual(['users/b-c'])
  const { peers } = await member.cluster.status()
  expect(peers[0]).toMatchObject({ kind: 'pivot', protocol: '2.0', compatible: true })
})

it('K1: a node of the original under a leader of ours: each hears of the other’s writes and deletes', async () => {
  const net = new PivotNet()
  const node = new GoServer({ address: other, keys, net, now: clock(), leader: one })
  await using leader = await ours(net, one)
  await until(() => leader.cluster.peers[0]?.kind === 'pivot')
  await leader.state.set('users/ours', 1)
  await until(() => node.storage.get('users/ours') !== undefined)
  await node.set('users/theirs', 2)
  expect((await leader.state.get('users/theirs'))?.data).toBe(2)
  await node.del('users/ours')
  expect(await leader.state.get('users/ours')).toBeUndefined()
  await leader.state.delete('users/theirs')
  await until(() => node.storage.get('users/theirs') === undefined)

  const kept = await leader.state.set('users/kept', 1)
  const sent = await net.from(other)(
    `http://${one}/_pivot/pivot/users/kept/${kept.object?.created}`,
    { method: 'DELETE' },
  )
  expect(sent.status).toBe(200)
  expect((await leader.cluster.status()).pivot).toMatchObject({ ignoredDeletes: 1, refused: 0 })

  net.cut(other)
  await until(() => leader.cluster.peers[0]?.healthy === false)
  await leader.state.set('settings', 'while it was away')
  net.mend(other)
  await until(() => node.storage.get('settings')?.data === '"while it was away"')
})

it('knows that all of a leader of the original is here from its whole lists, not from its activity', async () => {
  const net = new PivotNet()
  const leader = new GoServer({ address: one, keys, net, now: clock() })
  await leader.set('users/a', 1)
  await using member = await ours(net, other, one)
  const asOf = async () => (await member.cluster.freshness('users/a')).asOf ?? 0
  await until(async () => (await asOf()) > 0)
  expect((await member.state.get('users/a'))?.data).toBe(1)

  // Written long ago, and brought now: its activity is what it was.
  leader.storage.setWithMeta('users/late', '2', 1n, 1n)
  const brought = systemRuntime.now()
  for (let read = 0; read < 5; read++) await member.cluster.beforeRead('users/*')
  expect(await member.state.get('users/late')).toBeUndefined()
  expect(await asOf()).toBeLessThanOrEqual(brought)

  await member.cluster.synchronize()
  expect((await member.state.get('users/late'))?.data).toBe(2)
  await member.cluster.synchronize()
  expect(await asOf()).toBeGreaterThanOrEqual(brought)
})

/** As the original has it: no two writes share a time. */
function clock(): () => bigint {
  let last = 0n
  return () => {
    const wall = BigInt(systemRuntime.now()) * 1_000_000n
    last = wall > last ? wall : last + 1n
    return last
  }
}

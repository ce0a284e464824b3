import { expect, it, onTestFinished } from 'vitest'
import {
  type Cluster,
  type ClusterServer,
  clusterServer,
  httpPeerNetwork,
  openCluster,
  servedCluster,
} from '../cluster/index.ts'
import { openState, type StateServer, type StateTree, stateServer } from '../state/index.ts'
import { serve } from './index.ts'

const mebibyte = 1024 * 1024

it.each(['websocket', 'sse', false] as const)(
  'K1: what one server of a cluster takes travels to all, also beyond 10 MiB (live: %s)',
  async (live) => {
    const leader = await start(undefined, live)
    const large = await start(11 * mebibyte, live, leader.address)
    // What those two may not write themselves travels all the same.
    const other = await start(undefined, live, leader.address)
    const body = `{"text":"${'x'.repeat(10 * mebibyte)}"}`
    const answer = await fetch(`${large.url}/users/1`, { method: 'POST', body })
    expect(answer.status).toBe(200)
    await large.cluster.confirmed('users/1')
    expect(await large.cluster.freshness('users/*')).toMatchObject({ pendingWrites: 0 })
    await other.cluster.synchronize()
    await until(async () => (await other.state.keys()).keys.includes('users/1'))
    expect((await other.state.get('users/1'))?.dataText.length).toBe(body.length)
    const refused = await fetch(`${other.url}/users/3`, { method: 'POST', body })
    expect(refused.status).toBe(413)
    expect(await refused.text()).toContain(String(10 * mebibyte))
    expect(await other.state.get('users/3')).toBeUndefined()
  },
)

it('K1: a tree that may write what does not travel takes no part in a cluster', async () => {
  const leader = await start(64 * mebibyte, false)
  const outside = await openState({ dataBytes: 64 * mebibyte + 1 })
  onTestFinished(() => outside.close())
  const refused = {
    code: 'invalid_argument',
    message: expect.stringContaining("the state's dataBytes must be at most 67108864"),
  }
  const network = httpPeerNetwork()
  const open = openCluster({ state: outside, keys: [{ path: 'users/*' }], network })
  await expect(open).rejects.toMatchObject(refused)
  const attached = leader.cluster.attach(outside, { name: 'more', keys: [{ path: 'b/*' }] })
  await expect(attached).rejects.toMatchObject(refused)
})

interface Started {
  readonly url: string
  readonly address: string
  readonly state: StateTree
  readonly cluster: Cluster
}

async function start(
  bytes: number | undefined,
  live: 'websocket' | 'sse' | false,
  leader?: string,
): Promise<Started> {
  const state = await openState(bytes === undefined ? {} : { dataBytes: bytes })
  const cluster = await openCluster({
    state,
    keys: [{ path: 'users/*' }],
    network: httpPeerNetwork({ live }),
    ...(leader !== undefined && { leader }),
  })
  const served: StateServer = stateServer(state, {
    cluster: servedCluster(cluster),
    ...(bytes !== undefined && { bodyBytes: bytes }),
  })
  const others: ClusterServer = clusterServer(cluster)
  const server = await serve({ mounts: {}, state: served, cluster: others, port: 0 })
  onTestFinished(async () => {
    await cluster.close()
    await server.close()
    await served.close()
    await state.close()
  })
  return { url: server.url, address: `127.0.0.1:${server.port}`, state, cluster }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}

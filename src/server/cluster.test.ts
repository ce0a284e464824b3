import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import {
  type Cluster,
  type ClusterOptions,
  type ClusterServer,
  clusterServer,
  httpPeerNetwork,
  type KeyMeasure,
  openCluster,
  servedCluster,
} from '../cluster/index.ts'
import { openState, type StateServer, type StateTree, stateServer } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { serve } from './index.ts'

describe('servers of a cluster, over HTTP', () => {
  it.each(['websocket', 'sse', false] as const)(
    'share what is written on any of them (K1, live: %s)',
    async (live) => {
      const leader = await start({ live })
      const [one, other] = [
        await start({ live, leader: leader.address }),
        await start({ live, leader: leader.address }),
      ]
      await one.cluster.state().set('users/1', { from: 'one' }, { until: 'leader' })
      await other.cluster.state().set('users/2', { from: 'other' }, { until: 'leader' })
      await leader.state.set('users/3', { from: 'leader' })
      if (live === false) for (const { cluster } of [one, other]) await cluster.synchronize()
      for (const { state } of [leader, one, other])
        await until(async () => (await state.list('users/*')).length === 3)
      expect((await other.state.get('users/1'))?.data).toEqual({ from: 'one' })
      expect((await leader.cluster.status()).role).toBe('pivot')
    },
  )

  it('tell servers of the original what they are', async () => {
    const leader = await start({})
    const answer = await fetch(`${leader.url}/_pivot/version`)
    expect(await answer.json()).toMatchObject({ protocol: '2.0', package: 'rejoin' })
    await leader.state.set('users/7', 'seven')
    const list = await (await fetch(`${leader.url}/_pivot/pivot/users/*`)).json()
    expect(list).toMatchObject([{ index: '7', data: 'seven' }])
  })

  it('show peers only what is shared, and take nothing else from them', async () => {
    const leader = await start({})
    await leader.state.set('secrets/1', 'hidden')
    const network = httpPeerNetwork()
    const way = network.native(leader.address, 'main')
    onTestFinished(() => way.close())
    const outsider = await openState()
    onTestFinished(() => outsider.close())
    const thief = await openCluster({
      state: outsider,
      keys: [{ path: 'users/*' }, { path: 'secrets/*' }],
      leader: leader.address,
      network,
    })
    onTestFinished(async () => void (await thief.close()))
    await outsider.set('secrets/2', 'planted')
    await outsider.set('users/1', 'shared')
    await until(async () => (await leader.state.get('users/1')) !== undefined)
    const { keys } = await thief.status()
    expect(keys.find(({ path }) => path === 'secrets/*')?.problem).toMatch(
      /does not share this key/,
    )
    expect(await outsider.get('secrets/1')).toBeUndefined()
    expect(await leader.state.get('secrets/2')).toBeUndefined()
    const asked = { count: 10, bytes: 1_000 }
    await expect(way.pull('' as never, asked)).rejects.toMatchObject({ code: 'forbidden' })
    const origin = 'x~0123456789abcdef' as never
    const { LinkedChange } = await import('../contracts/index.ts')
    const planted = { path: 'secrets/3', created: 1n, updated: 0n, dataText: '1', note: '' }
    const changes = [new LinkedChange(planted)]
    const push = { origin, changes, cursor: '' as never, expects: '' as never }
    expect(await way.push(push)).toMatchObject({ receipts: [{ kind: 'rejected' }] })
    expect(await leader.state.get('secrets/3')).toBeUndefined()
  })

  it('have all that a leader acknowledges while it is stopped', async () => {
    const gate = Promise.withResolvers<void>()
    let asked = 0
    const before = () => {
      asked++
      return gate.promise
    }
    const leader = await start({ before })
    const member = await start({ leader: leader.address })
    await until(async () => (await member.cluster.status()).peers[0]?.links[0]?.phase === 'live')
    const writes = Array.from({ length: 50 }, (_, at) =>
      fetch(`${leader.url}/users/${at}`, { method: 'POST', body: String(at) }),
    )
    await until(async () => asked === writes.length)
    const closed = leader.close()
    gate.resolve()
    for (const answer of await Promise.all(writes)) expect(answer.status).toBe(200)
    await closed
    await until(async () => (await member.state.list('users/*')).length === writes.length)
  })

  it('hold the door shut for who has no token', async () => {
    const leader = await start({ token: 'secret' })
    for (const path of ['/_pivot/version', '/_rejoin/state/main/hello'])
      expect((await fetch(`${leader.url}${path}`)).status).toBe(401)
    const socket = new WebSocket(`${leader.url.replace('http', 'ws')}/_rejoin/state/main/ws`, [
      'rejoin.v1',
    ])
    await new Promise((resolve) => socket.once('close', resolve))
    const member = await start({ token: 'secret', leader: leader.address })
    await member.cluster.state().set('users/1', 1, { until: 'leader' })
    expect((await leader.state.get('users/1'))?.data).toBe(1)
  })

  it('go on by themselves with a wrong token, and say what is wrong', async () => {
    const leader = await start({ token: 'secret' })
    const member = await start({ token: 'wrong', leader: leader.address })
    await member.state.set('users/1', 'waits')
    const peer = await until(
      async () => (await member.cluster.status()).peers[0]?.error && member.cluster.peers[0],
    )
    expect(peer).toMatchObject({ healthy: false, error: { code: 'unauthorized' } })
    expect(await member.cluster.freshness('users/1')).toMatchObject({
      leaderReachable: false,
      pendingWrites: 1,
    })
    expect(await leader.state.get('users/1')).toBeUndefined()
  })

  it('prove that they hold the same, and repair what a disk has lost', async () => {
    const leader = await start({})
    const counted: KeyMeasure[] = []
    const metrics = { keyCompared: (one: KeyMeasure) => void counted.push(one) }
    const member = await start({ leader: leader.address, metrics })
    for (let at = 0; at < 40; at++) await leader.state.set(`users/${at}`, { at })
    await until(async () => (await member.state.list('users/*')).length === 40)
    await until(async () => {
      const { peers } = await member.cluster.status()
      return peers[0]?.links[0]?.phase === 'live'
    })
    await member.cluster.prove()
    expect(await proofOf(member.cluster)).toMatchObject({ agrees: true, defects: 0 })
    // As if it had been there all the time, and no link had ever to move it.
    const via = (await leader.state.replica().identity()).origin
    const { found } = await member.state.replica().rows(['users/7'])
    const row = found[0]?.row
    if (row === undefined) throw new Error('it is not there')
    await member.state.replica().apply({
      via,
      role: 'pulled',
      changes: [{ ...row, updated: row.created + 1n, dataText: '"rotten"' }],
    })
    await member.cluster.prove()
    expect(await proofOf(member.cluster)).toMatchObject({ agrees: true, defects: 1 })
    expect(counted.map(({ defects, left }) => [defects, left])).toEqual([
      [0, 0],
      [1, 0],
    ])
    expect((await leader.state.get('users/7'))?.data).toBe('rotten')
  })

  it('tell who looks after them how they are, and lead when they are told to', async () => {
    const leader = await start({})
    const member = await start({ leader: leader.address, knowsAddress: true })
    await member.cluster.state().set('users/1', 1, { until: 'leader' })
    const status = await (await fetch(`${member.url}/_rejoin/cluster`)).json()
    expect(status).toMatchObject({
      role: 'node',
      time: expect.any(Number),
      keys: [
        { path: 'users/*', role: 'member', leader: leader.address, term: '0', pendingWrites: 0 },
      ],
      peers: [{ address: leader.address, healthy: true, links: [{ keys: ['users/*'] }] }],
    })
    const promote = (url: string, keys?: readonly string[]) =>
      fetch(`${url}/_rejoin/cluster/promote`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(keys ? { keys } : {}),
      })
    expect(await (await promote(member.url)).json()).toEqual({
      keys: [{ path: 'users/*', previous: leader.address }],
    })
    await until(async () => leader.cluster.role === 'node' && member.cluster.role === 'pivot')
    await leader.cluster.state().set('users/2', 2, { until: 'leader' })
    expect((await member.state.get('users/2'))?.data).toBe(2)
    expect((await promote(member.url, ['nothing'])).status).toBe(400)
    expect((await promote((await start({})).url)).status).toBe(400)
    expect((await fetch(`${member.url}/_rejoin/cluster/promote`)).status).toBe(405)
  })

  it('tell how fresh a read is, and keep their own records to themselves', async () => {
    const leader = await start({})
    const member = await start({ leader: leader.address })
    await member.cluster.state().set('users/1', 1, { until: 'leader' })
    const answer = await fetch(`${member.url}/users/1`)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'rejoin-as-of': expect.stringMatching(/^2\d\d\d-.*Z$/),
      'rejoin-leader-reachable': 'true',
      'rejoin-pending-writes': '0',
    })
    expect((await fetch(`${member.url}/users/none`)).headers.get('rejoin-leader-reachable')).toBe(
      'true',
    )
    const shown = await (await fetch(`${member.url}/?api=pivot`)).json()
    expect(shown).toMatchObject({
      role: 'node',
      pivotIP: leader.address,
      pivotHealthy: true,
      pivotProtocol: '2.0',
      syncedKeys: ['users/*'],
    })
    const leading = await (await fetch(`${leader.url}/?api=pivot`)).json()
    expect(leading).toMatchObject({ role: 'pivot', pivotIP: '', pivotHealthy: true })
    const refused = await fetch(`${member.url}/cluster/x`, { method: 'POST', body: '1' })
    expect(refused.status).toBe(400)
    await leader.stop()
    await member.state.set('users/2', 2)
    const alone = await until(async () => {
      const { headers } = await fetch(`${member.url}/users/2`)
      return headers.get('rejoin-leader-reachable') === 'false' && headers
    })
    expect(alone.get('rejoin-pending-writes')).toBe('1')
    expect(await member.cluster.prove()).toMatchObject([{ path: 'users/*', kind: 'skipped' }])
  })

  it('answer a comparison of what they do not share with 404, and of nonsense with 4xx (X1)', async () => {
    const { url } = await start({})
    const ask = (body: string, name = 'main') =>
      fetch(`${url}/_rejoin/state/${name}/compare`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    const stretches = [[null, 0, 'AAAAAAAAAAAAAAAAAAAAAA']]
    expect((await ask(JSON.stringify({ key: 'users/*', stretches }))).status).toBe(200)
    expect((await ask(JSON.stringify({ key: 'secrets/*', stretches }))).status).toBe(404)
    expect((await ask(JSON.stringify({ key: 'users/*', stretches }), 'other')).status).toBe(404)
    for (const body of ['', '{', '{}', '[]', '{"key":"users/*","stretches":[]}'])
      expect((await ask(body)).status, body).toBeGreaterThanOrEqual(400)
    expect((await fetch(`${url}/_rejoin/elsewhere`)).status).toBe(404)
  })
})

interface Started {
  readonly url: string
  readonly address: string
  readonly state: StateTree
  readonly cluster: Cluster
  /** Its server alone. */
  readonly close: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Setup extends Pick<ClusterOptions, 'leader' | 'metrics'> {
  readonly live?: 'websocket' | 'sse' | false
  readonly token?: string
  /** Called before the state server is. */
  readonly before?: () => Promise<void>
  readonly knowsAddress?: boolean
}

async function start({
  live,
  token,
  leader,
  metrics,
  knowsAddress,
  before,
}: Setup): Promise<Started> {
  const state = await openState({ storage: await MemoryStateStorage.open() })
  // It has an address once it listens.
  const late: ClusterServer = {
    handle: (request) => here.handle(request),
    sockets: (path) => here.sockets(path),
  }
  const lateState = {
    async handle(request: Request) {
      await before?.()
      return served.handle(request)
    },
    admit: (request: Request) => served.admit(request),
  } as StateServer
  const server = await serve({
    mounts: {},
    state: lateState,
    cluster: late,
    port: 0,
    ...(token && { tokens: [token] }),
  })
  const address = `127.0.0.1:${server.port}`
  const cluster = await openCluster({
    state,
    keys: [{ path: 'users/*' }],
    network: httpPeerNetwork({ ...(token && { token }), ...(live !== undefined && { live }) }),
    ...(leader !== undefined && { leader }),
    ...(metrics && { metrics }),
    ...(knowsAddress && { address }),
  })
  const here = clusterServer(cluster)
  const served = stateServer(state, { cluster: servedCluster(cluster) })
  const stop = async () => {
    await cluster.close()
    await server.close()
    await served.close()
    await state.close()
  }
  onTestFinished(stop)
  const close = () => server.close()
  return { url: server.url, address, state, cluster, close, stop }
}

async function proofOf(cluster: Cluster) {
  return (await cluster.status()).keys[0]?.proof
}

async function until<T>(look: () => Promise<T | false>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

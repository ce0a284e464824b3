import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { clusterServer, httpPeerNetwork, openCluster } from '../cluster/index.ts'
import { openState, stateLinkTransport } from '../state/index.ts'
import { packedCluster } from '../transport/websocket/packed-cluster.ts'
import { start as fromStart } from '../version/index.ts'
import { serve } from './index.ts'

describe('servers of clusters with names, over HTTP', () => {
  it.each(['websocket', 'sse', false] as const)(
    'are linked where the names are the same, and where one of them has none (live: %s)',
    async (live) => {
      const leader = await start({ name: 'a fleet', live })
      for (const name of ['a fleet', undefined]) {
        const member = await start({ leader: leader.address, live, ...(name && { name }) })
        const path = name === undefined ? 'users/without' : 'users/with'
        await member.cluster.state().set(path, 1, { until: 'leader' })
        expect(await leader.state.get(path)).toBeDefined()
        if (live !== false)
          await until(
            async () => (await member.cluster.status()).peers[0]?.links[0]?.phase === 'live',
          )
      }
    },
  )

  it('are not where they differ: nothing goes either way', async () => {
    const leader = await start({ name: 'one' })
    const member = await start({ name: 'two', leader: leader.address })
    await leader.state.set('users/leader', 1)
    await member.state.set('users/member', 1)
    await until(async () => member.cluster.peers[0]?.kind === 'foreign')
    const { keys, peers } = await member.cluster.status()
    expect(peers).toMatchObject([{ cluster: 'one', healthy: false, links: [] }])
    expect(peers[0]?.error?.code).toBe('forbidden')
    expect(keys[0]).toMatchObject({ pendingWrites: 1, leaderReachable: false })
    expect((await leader.state.list('users/*')).map(({ path }) => path)).toEqual(['users/leader'])
    expect((await member.state.list('users/*')).map(({ path }) => path)).toEqual(['users/member'])
  })

  it('refuse each request of another one’s server but the question who they are (X1)', async () => {
    const { url, state } = await start({ name: 'one' })
    await state.set('users/1', 1)
    const ask = (path: string, cluster: string, method = 'GET') =>
      fetch(`${url}${path}`, {
        method,
        headers: { 'rejoin-cluster': cluster, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: '{}' }),
      })
    const requests = [
      ['GET', '/_rejoin/cluster'],
      ['POST', '/_rejoin/cluster/promote'],
      ['POST', '/_rejoin/state/main/hello'],
      ['POST', '/_rejoin/state/main/changes'],
      ['POST', '/_rejoin/state/main/changes/pull'],
      ['POST', '/_rejoin/state/main/changes/fetch'],
      ['GET', '/_rejoin/state/main/changes'],
      ['POST', '/_rejoin/state/main/compare'],
      ['GET', '/_pivot/pivot/users/*'],
      ['POST', '/_pivot/pivot/users/2'],
      ['DELETE', '/_pivot/pivot/users/1/1'],
      ['GET', '/_pivot/activity/users'],
      ['GET', '/_pivot/synchronize/pivot'],
      ['GET', '/_pivot/synchronize/node'],
      ['GET', '/_pivot/health/nodes'],
    ] as const
    for (const [method, path] of requests) {
      const answer = await ask(path, 'two', method)
      expect(answer.status, path).toBe(403)
      expect(await answer.json()).toMatchObject({
        error: { code: 'forbidden', details: { cluster: 'two', own: 'one' } },
      })
      const own = await ask(path, 'one', method)
      expect(await own.text(), path).not.toContain('of the cluster')
    }
    const about = await ask('/_pivot/version', 'two')
    expect(await about.json()).toMatchObject({ rejoin: { cluster: 'one' } })
  })

  it('refuse its WebSockets, and say so in the code with which they close', async () => {
    const { url } = await start({ name: 'one' })
    const closing = (...more: string[]) =>
      new Promise((resolve) => {
        const protocols = ['rejoin.v1', ...more]
        const socket = new WebSocket(
          `${url.replace('http', 'ws')}/_rejoin/state/main/ws`,
          protocols,
        )
        socket.once('close', (code, reason) => resolve([code, String(reason)]))
        socket.once('message', () => socket.close(1000))
        socket.once('open', () => socket.send(Uint8Array.of(2, 0, 0)))
      })
    const words = 'who calls is of the cluster "two", and this server of "one"'
    expect(await closing(packedCluster('two'))).toEqual([4403, words])
    for (const more of [[], [packedCluster('one')], ['rejoin.cluster.'], ['rejoin.cluster._w']])
      expect(await closing(...more)).not.toMatchObject([4403])
    const way = stateLinkTransport({ url, live: 'websocket', headers: { 'rejoin-cluster': 'two' } })
    onTestFinished(() => way.close())
    const pages = way.subscribe?.(fromStart, { count: 1, bytes: 1 }, new AbortController().signal)
    await expect(pages?.[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

interface Setup {
  readonly name?: string
  readonly leader?: string
  readonly live?: 'websocket' | 'sse' | false
}

async function start({ name, leader, live }: Setup) {
  const state = await openState()
  const cluster = await openCluster({
    state,
    keys: [{ path: 'users/*' }],
    network: httpPeerNetwork(live === undefined ? {} : { live }),
    ...(leader !== undefined && { leader }),
    ...(name !== undefined && { name }),
  })
  const server = await serve({ mounts: {}, cluster: clusterServer(cluster), port: 0 })
  onTestFinished(async () => {
    await cluster.close({ flush: false })
    await server.close()
    await state.close()
  })
  return { url: server.url, address: `127.0.0.1:${server.port}`, state, cluster }
}

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 5))
}

import { type AddressInfo, createServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { clusterServer, httpPeerNetwork, openCluster } from '../src/cluster/index.ts'
import { serve } from '../src/server/index.ts'
import { openState, stateServer } from '../src/state/index.ts'
import { SqliteStateStorage } from '../src/store/sqlite/index.ts'
import { RemoteActor } from './actor.ts'
import type { Benchmark, Case, Contestant, Entry, Parameters, Sample, Server } from './benchmark.ts'
import { devicePath, deviceText } from './devices.ts'
import { bareState } from './floor/bare-state.ts'
import { openTuned } from './floor/tuned-database.ts'
import { KeepAliveClient, requestBytes } from './keep-alive-clients.ts'
import { pivotMember } from './peers/pivot.ts'
import { Scratch } from './scratch.ts'
import { inBatches } from './workload.ts'

/** How long a write on the leader takes to be seen on a member, and what members that are gone cost the leader. */
export const clusters: Benchmark = {
  id: 'P9',
  title: 'cluster',
  cases(scale) {
    const writes = Math.ceil(500 * scale)
    const visible = [100, 10_000, 100_000].map((keys): Case => {
      const parameters = { keys: Math.ceil(keys * scale), writes }
      return {
        name: `visible, ${keys.toLocaleString('en')} keys`,
        work: `${writes} writes, one after the other, by HTTP to a leader of ${keys.toLocaleString('en')} keys, until a member shows each; SQLite, full`,
        ours: { side: 'member', label: 'ours', parameters },
        floor: {
          side: 'roundTrip',
          label: 'a round trip over HTTP and two flushed commits',
          parameters: { ...parameters, keys: 100 },
        },
        aim: { of: 'time', value: 1 },
        peers: keys <= 10_000 ? [goMember(parameters.keys, keys <= 100 ? 100 : 10)] : [],
      }
    })
    const dead = [5, 50].map((gone): Case => {
      const parameters = { keys: 1_000, writes: Math.ceil(400_000 * scale) }
      return {
        name: `leader writes, ${gone} dead nodes`,
        work: `${parameters.writes.toLocaleString('en')} writes on a leader in memory, whose ${gone} nodes refuse connections or never answer`,
        ours: { side: 'leader', label: 'ours', parameters: { ...parameters, gone } },
        floor: {
          side: 'leader',
          label: 'the same without nodes',
          parameters: { ...parameters, gone: 0 },
        },
        aim: { of: 'time', value: 1.1 },
      }
    })
    return [...visible, ...dead]
  },
  sides: { member, roundTrip, leader, pivotMember },
  servers: { leading, bare },
}

/** Its time for each write grows with the keys; with more of them it takes minutes to begin with. */
function goMember(keys: number, writes: number): Entry {
  const label = 'pivot leads pivot (Go), until a read on the node shows it, unflushed'
  return { side: 'pivotMember', label, parameters: { keys, writes }, needs: 'pivot' }
}

/** Another process leads; this one follows it, and writes there as a client does. */
async function member(parameters: Parameters): Promise<Contestant> {
  const remote = await begin('leading', parameters)
  const url = await remote.call('open')
  const scratch = new Scratch()
  const storage = await SqliteStateStorage.open({ path: scratch.path('state.db') })
  const tree = await openState({ storage })
  const leader = new URL(url).host
  const network = httpPeerNetwork()
  const cluster = await openCluster({ state: tree, keys: [{ path: 'devices/*' }], leader, network })
  await cluster.confirmed('devices/*')
  while ((await cluster.status()).peers[0]?.links[0]?.phase !== 'live')
    await new Promise((resolve) => setTimeout(resolve, 10))
  const client = await KeepAliveClient.open(url)
  return {
    round: () =>
      timed(parameters, async (path, request) => {
        const shown = new Promise<void>((resolve) => {
          const stop = tree.observe(path, () => {
            stop()
            resolve()
          })
        })
        await Promise.all([client.send(request), shown])
      }),
    async close() {
      client.close()
      await cluster.close()
      await tree.close()
      await remote.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function roundTrip(parameters: Parameters): Promise<Contestant> {
  const remote = await begin('bare', parameters)
  const scratch = new Scratch()
  const { db } = openTuned(scratch.path('rows.db'), 'full')
  db.exec('CREATE TABLE rows (path TEXT PRIMARY KEY, data) WITHOUT ROWID')
  const put = db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?)')
  const client = await KeepAliveClient.open(await remote.call('open'))
  return {
    round: () =>
      timed(parameters, async (path, request) => {
        const answer = await client.send(request)
        db.exec('BEGIN IMMEDIATE')
        put.run(path, String(answer))
        db.exec('COMMIT')
      }),
    async close() {
      client.close()
      db.close()
      await remote.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function timed(
  { keys, writes }: Parameters,
  write: (path: string, request: Buffer) => Promise<void>,
): Promise<Sample> {
  const begin = performance.now()
  for (let number = 0; number < Number(writes); number++) {
    const path = devicePath((number * 7_919) % Number(keys))
    await write(path, requestBytes('POST', path, deviceText(number)))
  }
  return { events: Number(writes), milliseconds: performance.now() - begin }
}

/** What it costs the writers of a leader that some of its nodes are gone: it writes in its own process. */
async function leader({ keys, writes, gone }: Parameters): Promise<Contestant> {
  const tree = await openState()
  // Every other one takes connections, and says nothing; the rest refuse them.
  const silent = await Promise.all(
    Array.from({ length: Math.floor(Number(gone) / 2) }, () => silentServer()),
  )
  const refusing = Array.from(
    { length: Number(gone) - silent.length },
    (_, at) => `127.0.0.${at + 2}:9`,
  )
  const network = httpPeerNetwork()
  const cluster = await openCluster({
    ...{ state: tree, keys: [{ path: 'devices/*' }], network },
    nodes: [...silent.map(({ address }) => address), ...refusing],
  })
  return {
    async round(): Promise<Sample> {
      const begin = performance.now()
      for (let number = 0; number < Number(writes); number++) {
        await tree.set(devicePath(number % Number(keys)), { number })
        // Whoever calls the nodes has its turn: writes in memory alone wait for nothing.
        if (number % 100 === 0) await setImmediate()
      }
      return { events: Number(writes), milliseconds: performance.now() - begin }
    },
    async close() {
      await cluster.close()
      await tree.close()
      for (const { close } of silent) close()
    },
  }
}

async function silentServer(): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, close: () => void server.close() }
}

function begin(name: string, parameters: Parameters): Promise<RemoteActor<Server>> {
  return RemoteActor.begin<Server>({ benchmark: 'P9', kind: 'servers', name, parameters })
}

async function leading({ keys }: Parameters): Promise<Server> {
  const scratch = new Scratch()
  const storage = await SqliteStateStorage.open({ path: scratch.path('state.db') })
  const tree = await openState({ storage })
  const all = Array.from({ length: Number(keys) }, (_, device) => ({
    set: devicePath(device),
    data: JSON.parse(deviceText(device)) as unknown,
  }))
  for (const writes of inBatches(all, 1_000)) await tree.write(writes)
  const network = httpPeerNetwork()
  const cluster = await openCluster({ state: tree, keys: [{ path: 'devices/*' }], network })
  const state = stateServer(tree)
  const server = await serve({ mounts: {}, state, cluster: clusterServer(cluster), port: 0 })
  return {
    open: async () => server.url,
    async close() {
      await cluster.close()
      await server.close()
      await state.close()
      await tree.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function bare({ keys }: Parameters): Promise<Server> {
  const scratch = new Scratch()
  const file = { path: scratch.path('rows.db'), durability: 'full' } as const
  const server = await bareState({ devices: Number(keys), file })
  return {
    open: async () => server.url,
    async close() {
      await server.close()
      scratch[Symbol.dispose]()
    },
  }
}

import { serve } from '../src/server/index.ts'
import { openState, stateServer } from '../src/state/index.ts'
import { SqliteStateStorage } from '../src/store/sqlite/index.ts'
import { RemoteActor } from './actor.ts'
import type { Benchmark, Case, Contestant, Parameters, Sample, Server } from './benchmark.ts'
import { devicePath, deviceText } from './devices.ts'
import { bareState } from './floor/bare-state.ts'
import { KeepAliveClient, requestBytes } from './keep-alive-clients.ts'
import { fastifyState } from './peers/fastify-state.ts'
import { oooState } from './peers/ooo.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurStates } from './settings.ts'
import { inBatches } from './workload.ts'

/** Reads and writes of single objects over HTTP, each client with one connection and one request under way. */
export const stateRequests: Benchmark = {
  id: 'P7',
  title: 'state over HTTP',
  cases(scale) {
    const [many, few] = [Math.ceil(40_000 * scale), Math.ceil(20_000 * scale)]
    const floorOf = { memory: 'Map', normal: 'a transaction each', full: 'a flushed one each' }
    const of = (work: Work, storage: Storage, aim?: number): Case => {
      const requests = storage === 'memory' ? many : few
      const parameters = { work, storage, requests, devices }
      const where = storage === 'memory' ? 'memory' : `SQLite, ${storage}`
      const isInMemory = storage === 'memory' || work === 'get'
      const onFloor = { ...parameters, storage: isInMemory ? 'memory' : storage, server: 'bare' }
      return {
        name: `${work}, ${where}`,
        work: `${requests.toLocaleString('en')} times ${work} over HTTP keep-alive, ${clients} clients, ${where}`,
        ours: { side: 'clients', label: 'ours', parameters: { ...parameters, server: 'hub' } },
        floor: {
          side: 'clients',
          label: `bare node:http, ${floorOf[isInMemory ? 'memory' : storage]}`,
          parameters: onFloor,
        },
        aim: { of: 'speed', ...(aim !== undefined && { value: aim }) },
        ...(storage === 'memory' && {
          peers: [
            {
              label: 'fastify + Map',
              side: 'clients',
              parameters: { ...parameters, server: 'fastifyState' },
            },
            {
              label: 'ooo (Go)',
              side: 'clients',
              parameters: { ...parameters, server: 'oooState' },
              needs: 'ooo',
            },
          ],
        }),
      }
    }
    return [
      of('get', 'memory', 0.8),
      of('set', 'memory', 0.8),
      of('set', 'normal'),
      of('set', 'full', 5),
    ]
  },
  sides: { clients: clientsOf },
  servers: { hub, bare, fastifyState, oooState },
}

type Work = 'get' | 'set'
type Storage = 'memory' | 'normal' | 'full'

/** A server that can say what its file was under. */
export interface StateHub extends Server {
  settings(): Promise<NonNullable<Sample['settings']>>
}

async function clientsOf(parameters: Parameters): Promise<Contestant> {
  const { server: name, work } = parameters
  const requests = Number(parameters.requests)
  const server = await RemoteActor.begin<StateHub>({
    benchmark: 'P7',
    kind: 'servers',
    name: String(name),
    parameters,
  })
  // Written out beforehand, each client's own.
  const own = Array.from({ length: clients }, (_, client) => requestsOf(client, requests, work))
  return {
    async round(): Promise<Sample> {
      const url = await server.call('open')
      const all = await Promise.all(own.map(() => KeepAliveClient.open(url)))
      const begin = performance.now()
      await Promise.all(all.map((client, at) => sendAll(client, own[at] as readonly Buffer[])))
      const milliseconds = performance.now() - begin
      if (work === 'set') await holdsTheLast(all[0] as KeepAliveClient, requests)
      for (const client of all) client.close()
      return { events: requests, milliseconds, settings: await server.call('settings') }
    },
    close: () => server.close(),
  }
}

async function sendAll(client: KeepAliveClient, requests: readonly Buffer[]): Promise<void> {
  for (const request of requests) await client.send(request)
}

/** Of all requests, which go from device to device, those of one client. */
function requestsOf(client: number, requests: number, work: unknown): readonly Buffer[] {
  const own: Buffer[] = []
  for (let number = client; number < requests; number += clients) {
    const path = devicePath(number % devices)
    own.push(
      work === 'get' ? requestBytes('GET', path) : requestBytes('POST', path, deviceText(number)),
    )
  }
  return own
}

/** A round that lost something has measured nothing. Each device has one client, so the last write is known. */
async function holdsTheLast(client: KeepAliveClient, requests: number): Promise<void> {
  for (let number = Math.max(0, requests - devices); number < requests; number++) {
    const path = devicePath(number % devices)
    const found = String(await client.send(requestBytes('GET', path)))
    if (!found.includes(deviceText(number))) throw new Error(`${path} is ${found}`)
  }
}

/** Each round a fresh tree, in a process that is warm. */
async function hub({ storage, devices: count }: Parameters): Promise<StateHub> {
  let running: Awaited<ReturnType<typeof begin>> | undefined
  const begin = async () => {
    const scratch = new Scratch()
    const path = scratch.path('state.db')
    const durability = storage === 'full' ? 'full' : 'normal'
    const tree = await openState(
      storage === 'memory' ? {} : { storage: await SqliteStateStorage.open({ path, durability }) },
    )
    const all = Array.from({ length: Number(count) }, (_, device) => ({
      set: devicePath(device),
      data: JSON.parse(deviceText(device)) as unknown,
    }))
    for (const writes of inBatches(all, 1_000)) await tree.write(writes)
    const state = stateServer(tree)
    const server = await serve({ mounts: {}, state, port: 0 })
    return {
      url: server.url,
      settings: async () => (storage === 'memory' ? {} : settingsOfOurStates(path, durability)),
      async close() {
        await server.close()
        await state.close()
        await tree.close()
        scratch[Symbol.dispose]()
      },
    }
  }
  return {
    async open() {
      await running?.close()
      running = await begin()
      return running.url
    },
    settings: async () => (await running?.settings()) ?? {},
    close: async () => running?.close(),
  }
}

async function bare({ storage, devices: count }: Parameters): Promise<StateHub> {
  let running: Awaited<ReturnType<typeof begin>> | undefined
  const begin = async () => {
    const scratch = new Scratch()
    const durability = storage === 'full' ? 'full' : 'normal'
    const file = { path: scratch.path('rows.db'), durability } as const
    const server = await bareState({
      devices: Number(count),
      ...(storage !== 'memory' && { file }),
    })
    return {
      ...server,
      async close() {
        await server.close()
        scratch[Symbol.dispose]()
      },
    }
  }
  return {
    async open() {
      await running?.close()
      running = await begin()
      return running.url
    },
    settings: async () => running?.settings ?? {},
    close: async () => running?.close(),
  }
}

const clients = 8
/** Divided by the clients, so that no two write to one. */
const devices = 1_000

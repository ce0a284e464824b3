import { serve } from '../src/server/index.ts'
import { MemoryStore } from '../src/store/memory/index.ts'
import { logSockets } from '../src/transport/websocket/index.ts'
import { RemoteActor } from './actor.ts'
import type { Benchmark, Contestant, Parameters, Sample, Server } from './benchmark.ts'
import { bareSockets } from './floor/bare-sockets.ts'
import { hocuspocusHub, hocuspocusReaders } from './peers/hocuspocus.ts'
import { socketIoHub, socketIoReaders } from './peers/socket-io.ts'
import { socketReaders } from './socket-readers.ts'
import { bareReaders, ourReaders, type Subscribers, silence } from './subscribers.ts'
import { weight } from './weight.ts'

/** What one more subscriber costs a server that has some, while nothing happens. */
export const idleMemory: Benchmark = {
  id: 'P12',
  title: 'memory',
  cases(scale) {
    const subscribers = Math.ceil(4_000 * scale)
    return [
      {
        name: 'idle subscribers',
        work: `hold ${subscribers.toLocaleString('en')} more idle live subscribers over WebSockets`,
        ours: { side: 'ours', parameters: { subscribers } },
        floor: { side: 'floor', label: 'bare ws', parameters: { subscribers } },
        aim: { of: 'memory', value: 1.25 },
        peers: [
          { label: 'socket.io', side: 'socketIo', parameters: { subscribers } },
          { label: 'Hocuspocus', side: 'hocuspocus', parameters: { subscribers } },
        ],
      },
    ]
  },
  sides: { ours, floor, socketIo, hocuspocus },
  servers: { readers: socketReaders, hub, bare, socketIoHub, hocuspocusHub },
}

/** A server that knows how much memory it takes. */
export interface Weighed extends Server {
  weight(): Promise<number>
}

function ours({ subscribers }: Parameters): Promise<Contestant> {
  return weighing('hub', (url, count) => ourReaders('P12', url, count), Number(subscribers))
}

function floor({ subscribers }: Parameters): Promise<Contestant> {
  return weighing('bare', (url, count) => bareReaders('P12', url, count), Number(subscribers))
}

function socketIo({ subscribers }: Parameters): Promise<Contestant> {
  const connect = (url: string, count: number) => socketIoReaders('P12', url, count)
  return weighing('socketIoHub', connect, Number(subscribers))
}

function hocuspocus({ subscribers }: Parameters): Promise<Contestant> {
  const connect = (url: string, count: number) => hocuspocusReaders('P12', url, count)
  return weighing('hocuspocusHub', connect, Number(subscribers))
}

/** Each round a new server: one that had many connections keeps memory for as many. */
async function weighing(
  name: string,
  connect: (url: string, count: number) => Promise<Subscribers>,
  subscribers: number,
): Promise<Contestant> {
  return {
    async round(): Promise<Sample> {
      const server = await RemoteActor.begin<Weighed>({
        benchmark: 'P12',
        kind: 'servers',
        name,
        parameters: {},
      })
      const url = await server.call('open')
      const some = await connect(url, few)
      const before = await server.call('weight')
      const start = performance.now()
      const more = await connect(url, subscribers)
      const milliseconds = performance.now() - start
      const bytes = (await server.call('weight')) - before
      for (const each of [more, some]) await each.close()
      await server.close()
      return { events: subscribers, milliseconds, bytes }
    },
    close: async () => {},
  }
}

async function hub(): Promise<Weighed> {
  const log = await MemoryStore.open({ node: 'hub' })
  const sockets = { '/sync/ws': logSockets(log, { silence }) }
  const server = await serve({ mounts: {}, sockets, port: 0 })
  return {
    open: async () => `${server.url}/sync/ws`,
    weight,
    async close() {
      await server.close()
      await log.close()
    },
  }
}

async function bare(): Promise<Weighed> {
  const server = await bareSockets()
  return { open: async () => server.url, weight, close: server.close }
}

/** Connections after which no code is loaded and compiled any more. */
const few = 100

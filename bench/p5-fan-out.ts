import { serve } from '../src/server/index.ts'
import { MemoryStore } from '../src/store/memory/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { logSockets } from '../src/transport/websocket/index.ts'
import type { Benchmark, Contestant, Parameters } from './benchmark.ts'
import { bareSockets } from './floor/bare-sockets.ts'
import { hocuspocusFanOut } from './peers/hocuspocus.ts'
import { socketIoFanOut } from './peers/socket-io.ts'
import { Scratch } from './scratch.ts'
import { socketReaders } from './socket-readers.ts'
import { bareReaders, ourReaders, silence } from './subscribers.ts'
import { writesTo } from './writes.ts'

/** One small write, until the last of many WebSocket subscribers in another process has it. */
export const fanOut: Benchmark = {
  id: 'P5',
  title: 'fan-out',
  cases(scale) {
    const subscribers = Math.ceil(1_000 * scale)
    const floor = { side: 'floor', label: 'bare ws, one buffer', parameters: { subscribers } }
    const work = (where: string) =>
      `one small write ${where} to ${subscribers.toLocaleString('en')} WebSocket subscribers, to the last one`
    return [
      {
        name: 'in memory',
        work: work('in memory'),
        ours: { side: 'ours', parameters: { subscribers, store: 'memory' } },
        floor,
        aim: { of: 'time', value: 1.1 },
        peers: [
          { label: 'socket.io', side: 'socketIoFanOut', parameters: { subscribers } },
          { label: 'Hocuspocus', side: 'hocuspocusFanOut', parameters: { subscribers } },
        ],
      },
      {
        name: 'flushed',
        work: work('on disk, flushed,'),
        ours: { side: 'ours', parameters: { subscribers, store: 'sqlite' } },
        floor,
        aim: { of: 'time', value: 1.1 },
      },
    ]
  },
  sides: { ours, floor, socketIoFanOut, hocuspocusFanOut },
  servers: { readers: socketReaders },
}

async function ours({ subscribers, store }: Parameters): Promise<Contestant> {
  const scratch = new Scratch()
  const log =
    store === 'memory'
      ? await MemoryStore.open({ node: 'hub' })
      : await SqliteStore.open({ path: scratch.path('hub.db'), node: 'hub' })
  const sockets = { '/sync/ws': logSockets(log, { silence }) }
  const server = await serve({ mounts: {}, sockets, port: 0 })
  const readers = await ourReaders('P5', `${server.url}/sync/ws`, Number(subscribers))
  return {
    round: () =>
      writesTo(readers, async (at) => {
        await log.append([{ type: 'Ticked', aggregateId: 'clock', data: { at, text } }])
      }),
    async close() {
      await readers.close()
      await server.close()
      await log.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function floor({ subscribers }: Parameters): Promise<Contestant> {
  const server = await bareSockets()
  const readers = await bareReaders('P5', server.url, Number(subscribers))
  // As many bytes as a page of ours with that event has.
  const buffer = Buffer.alloc(pageBytes, 'x')
  return {
    round: () => writesTo(readers, async () => server.sendToAll(buffer)),
    async close() {
      await readers.close()
      await server.close()
    },
  }
}

const text = 'x'.repeat(100)
const pageBytes = 500

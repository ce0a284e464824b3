import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Contestant, Parameters, Sample } from '../benchmark.ts'
import type { Weighed } from '../p12-memory.ts'
import { type Subscribers, textReaders } from '../subscribers.ts'
import { weight } from '../weight.ts'
import { writesTo } from '../writes.ts'
import { type SocketIoServer, socketIo } from './libraries.ts'

/** socket.io tells all who are connected; nothing is stored, and who was away has missed it. */
export async function socketIoFanOut({ subscribers }: Parameters): Promise<Contestant> {
  const { io, url, close } = await opened()
  const readers = await socketIoReaders('P5', url, Number(subscribers))
  return {
    round: (): Promise<Sample> =>
      writesTo(readers, async (at) => {
        io.emit('ticked', { at, text: 'x'.repeat(400) })
      }),
    async close() {
      await readers.close()
      await close()
    },
  }
}

export async function socketIoHub(): Promise<Weighed> {
  const { url, close } = await opened()
  return { open: async () => url, weight, close }
}

/** Those who have heard its greeting and joined its default namespace. */
export function socketIoReaders(
  benchmark: string,
  url: string,
  count: number,
): Promise<Subscribers> {
  return textReaders(benchmark, `${url}/socket.io/?EIO=4&transport=websocket`, count, '40')
}

async function opened(): Promise<{ io: SocketIoServer; url: string; close(): Promise<void> }> {
  const server = createServer()
  // Readers that only count answer no ping.
  const io = new (socketIo().Server)(server, { transports: ['websocket'], pingInterval: 2 ** 30 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    await io.close()
  }
  return { io, url: `http://127.0.0.1:${port}`, close }
}

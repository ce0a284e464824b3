import type { AddressInfo } from 'node:net'
import type { Contestant, Parameters, Sample } from '../benchmark.ts'
import type { Weighed } from '../p12-memory.ts'
import { byteReaders, type Subscribers } from '../subscribers.ts'
import { weight } from '../weight.ts'
import { writesTo } from '../writes.ts'
import { type HocuspocusServer, hocuspocus } from './libraries.ts'

/** Hocuspocus tells all who have one Yjs document open of each change to it; nothing is stored. */
export async function hocuspocusFanOut({ subscribers }: Parameters): Promise<Contestant> {
  const { server, url, close } = await opened()
  const readers = await hocuspocusReaders('P5', url, Number(subscribers))
  const direct = await server.hocuspocus.openDirectConnection(documentName)
  return {
    round: (): Promise<Sample> =>
      writesTo(readers, (at) =>
        direct.transact((document) => {
          document.getMap('clock').set('tick', { at, text: 'x'.repeat(400) })
        }),
      ),
    async close() {
      await readers.close()
      await direct.disconnect()
      await close()
    },
  }
}

export async function hocuspocusHub(): Promise<Weighed> {
  const { url, close } = await opened()
  return { open: async () => url, weight, close }
}

/** Those who have been let in, have the document, and were asked for what they have of it. */
export function hocuspocusReaders(
  benchmark: string,
  url: string,
  count: number,
): Promise<Subscribers> {
  return byteReaders(benchmark, url, count, { frames: [shownToken, firstStep], greetings: 3 })
}

async function opened() {
  const server: HocuspocusServer = new (hocuspocus().Server)({
    port: 0,
    address: '127.0.0.1',
    quiet: true,
    stopOnSignals: false,
    // Readers that only count answer no ping.
    timeout: 2 ** 30,
  })
  await server.listen()
  const { port } = server.httpServer.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}/`, close: () => server.destroy() }
}

const documentName = 'clock'

/** A message of its protocol: the document's name, then what it is about. */
function message(...rest: readonly number[]): Buffer {
  return Buffer.from([documentName.length, ...Buffer.from(documentName), ...rest])
}

/** An empty token, and what a reader has of the document: nothing. */
const shownToken = message(2, 0, 0)
const firstStep = message(0, 0, 1, 0)

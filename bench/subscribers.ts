import { once } from 'node:events'
import { connect } from 'node:net'
import { RemoteActor } from './actor.ts'
import type { Greeting, Readers } from './socket-readers.ts'

/** Readers in another process. */
export interface Subscribers {
  /** Resolves when the last of them has heard one message more. */
  arrived(): Promise<void>
  close(): Promise<void>
}

/** Readers that only count answer no ping: they are not asked within a run. */
export const silence = 24 * 3_600_000

/** What those say who follow a log of ours over a WebSocket. */
const says: Greeting = [
  [1, 0, { protocol: { name: 'rejoin', version: 1 } }],
  [6, 0, { after: '', count: 1_000, bytes: 2 ** 20, credit: 2 ** 20 }],
]

/** Subscribers of ours, each of whom has heard that it is ready, and its first page. */
export function ourReaders(benchmark: string, url: string, count: number): Promise<Subscribers> {
  const parameters = {
    url,
    count,
    greetings: 2,
    says: JSON.stringify(says),
    protocol: 'rejoin.v1',
  }
  return begin(benchmark, parameters)
}

/** Connections that say nothing. */
export function bareReaders(benchmark: string, url: string, count: number): Promise<Subscribers> {
  return begin(benchmark, { url, count })
}

/** Those who follow a list, and have it. */
export function listReaders(benchmark: string, url: string, count: number): Promise<Subscribers> {
  return begin(benchmark, { url, count, greetings: 1 })
}

/** Those who say one text, and hear one message before it and one after. */
export function textReaders(
  benchmark: string,
  url: string,
  count: number,
  text: string,
): Promise<Subscribers> {
  return begin(benchmark, { url, count, greetings: 2, text })
}

/** Those who say these binary messages, and hear so many before what follows. */
export function byteReaders(
  benchmark: string,
  url: string,
  count: number,
  { frames, greetings }: { readonly frames: readonly Buffer[]; readonly greetings: number },
): Promise<Subscribers> {
  const said = JSON.stringify(frames.map((frame) => frame.toString('base64')))
  return begin(benchmark, { url, count, greetings, frames: said })
}

async function begin(
  benchmark: string,
  parameters: Record<string, string | number>,
): Promise<Subscribers> {
  const readers = await RemoteActor.begin<Readers>({
    benchmark,
    kind: 'servers',
    name: 'readers',
    parameters,
  })
  const port = await readers.call('open')
  const arrivals = connect(port, '127.0.0.1')
  await once(arrivals, 'connect')
  return {
    arrived: async () => void (await once(arrivals, 'data')),
    async close() {
      arrivals.destroy()
      await readers.close()
    },
  }
}

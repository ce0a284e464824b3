import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Transport } from '../../src/contracts/index.ts'
import { type ServeOptions, serve } from '../../src/server/index.ts'
import type {
  TransportFixture,
  TransportSetup,
} from '../../src/testing/acceptance/transport/fixture.ts'
import { allOfThem } from './capabilities.ts'

export type Serving = Pick<ServeOptions, 'mounts' | 'sockets'>

/** A server on a port of this machine, and a way to it. */
export function onSocket<Store, C>(
  name: string,
  served: (store: Store, setup: TransportSetup) => Serving,
  open: (url: string) => Transport<C>,
): TransportFixture<Store, C> {
  let opened: AsyncDisposable[] = []
  const keep = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one)
    return one
  }
  const to = ({ port }: { readonly port: number }) => keep(open(`http://127.0.0.1:${port}`))
  return {
    name,
    capabilities: allOfThem,
    async connect(store, setup) {
      return to(keep(await serve({ ...served(store, setup), port: 0 })))
    },
    async unreachable() {
      // A port that was closed may be somebody else's by now.
      const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
      await once(server, 'listening')
      keep(server)
      return to(server.address() as AddressInfo)
    },
    async dispose() {
      const last = opened.toReversed()
      opened = []
      for (const one of last) await one[Symbol.asyncDispose]()
    },
  }
}

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type {
  EventStore,
  LinkedChange,
  StateStorage,
  Transport,
} from '../../src/contracts/index.ts'
import { type ServeOptions, serve } from '../../src/server/index.ts'
import { stateLinkTransport } from '../../src/state/index.ts'
import type {
  TransportFixture,
  TransportSetup,
} from '../../src/testing/acceptance/transport/fixture.ts'
import { httpTransport, logHandler, stateLinkHandler } from '../../src/transport/http/index.ts'
import { hybridTransport } from '../../src/transport/remote/index.ts'
import {
  logSockets,
  stateLinkSockets,
  webSocketStateTransport,
  webSocketTransport,
} from '../../src/transport/websocket/index.ts'

/** A server on a port of this machine, and the global WebSocket. */
export function webSocketFixture(): TransportFixture {
  return onSocket('WebSocket', servedLog, (url) => webSocketTransport({ url }))
}

/** Calls over HTTP, subscriptions over a WebSocket, to one server. */
export function hybridFixture(): TransportFixture {
  return onSocket('HTTP, live over a WebSocket', servedLog, (url) =>
    hybridTransport({
      calls: httpTransport({ url, live: false }),
      live: webSocketTransport({ url }),
    }),
  )
}

/** The same two to a storage of state. */
export function webSocketStateFixture(): StateFixture {
  return onSocket('WebSocket, of state', servedState, (url) => webSocketStateTransport({ url }))
}

export function hybridStateFixture(): StateFixture {
  const name = 'HTTP, live over a WebSocket, of state'
  return onSocket(name, servedState, (url) => stateLinkTransport({ url, live: 'websocket' }))
}

type StateFixture = TransportFixture<StateStorage, LinkedChange>
type Serving = Pick<ServeOptions, 'mounts' | 'sockets'>

function servedLog(log: EventStore, setup: TransportSetup): Serving {
  return {
    mounts: { '/sync': logHandler(log, setup) },
    sockets: { '/sync/ws': logSockets(log, setup) },
  }
}

function servedState(storage: StateStorage, setup: TransportSetup): Serving {
  const base = '/_rejoin/state/main'
  return {
    mounts: { [base]: stateLinkHandler(storage, setup) },
    sockets: { [`${base}/ws`]: stateLinkSockets(storage, setup) },
  }
}

function onSocket<Store, C>(
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
    capabilities: {
      exact: true,
      keepsRecords: true,
      ids: true,
      filters: true,
      limits: true,
      live: true,
      network: true,
    },
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

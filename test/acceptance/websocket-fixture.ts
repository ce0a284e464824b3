import type { EventStore, LinkedChange, StateStorage } from '../../src/contracts/index.ts'
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
import { onSocket, type Serving } from './socket-fixture.ts'

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

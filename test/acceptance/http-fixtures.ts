import type {
  EventStore,
  LinkedChange,
  StateStorage,
  Transport,
} from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import type {
  TransportFixture,
  TransportSetup,
} from '../../src/testing/acceptance/transport/fixture.ts'
import {
  type Handler,
  httpStateTransport,
  httpTransport,
  logHandler,
  stateLinkHandler,
} from '../../src/transport/http/index.ts'
import { lacking } from '../skips.ts'
import { allOfThem } from './capabilities.ts'
import { onSocket } from './socket-fixture.ts'

/** Requests and answers of the real client and the real handler, without anything in between. */
export function httpHandlerFixture(): TransportFixture {
  return inProcess<EventStore, LogEvent>('HTTP, handler in this process', logHandler, (fetch) =>
    httpTransport({ url: 'https://hub.test/sync', fetch }),
  )
}

/** The same to a storage of state. */
export function httpStateFixture(): TransportFixture<StateStorage, LinkedChange> {
  return inProcess<StateStorage, LinkedChange>('HTTP, of state', stateLinkHandler, (fetch) =>
    httpStateTransport({ url: 'https://hub.test', fetch }),
  )
}

function inProcess<Store, C>(
  name: string,
  serve: (store: Store, setup: TransportSetup) => Handler,
  transport: (fetch: typeof globalThis.fetch) => Transport<C>,
): TransportFixture<Store, C> {
  return {
    name,
    capabilities: allOfThem,
    async connect(store, setup) {
      const handler = serve(store, setup)
      return transport((input, init) => handler(new Request(input, init)))
    },
    async unreachable() {
      return transport(() => Promise.reject(new TypeError('fetch failed')))
    },
    async dispose() {},
  }
}

/** The client in go-sync-kit's protocol, to a hub that speaks it as well. */
export function httpCompatFixture(): TransportFixture {
  const options = { url: 'https://hub.test/sync', protocol: 'compat' } as const
  const lacks = (capability: string) => lacking('transport/http, compat', capability)
  return {
    name: 'HTTP, as a Go client',
    capabilities: {
      exact: lacks('exact'),
      keepsRecords: lacks('keepsRecords'),
      ids: lacks('ids'),
      filters: lacks('filters'),
      limits: lacks('limits'),
      live: true,
      network: true,
    },
    async connect(log, setup) {
      const handler = logHandler(log, setup)
      return httpTransport({
        ...options,
        fetch: (input, init) => handler(new Request(input, init)),
      })
    },
    async unreachable() {
      const fetch = () => Promise.reject(new TypeError('fetch failed'))
      return httpTransport({ ...options, fetch })
    },
    async dispose() {},
  }
}

/** A server on a port of this machine. */
export function httpSocketFixture(): TransportFixture {
  return onSocket<EventStore, LogEvent>(
    'HTTP, over a socket',
    (log, setup) => ({ mounts: { '/sync': logHandler(log, setup) } }),
    (url) => httpTransport({ url: `${url}/sync`, compress: true }),
  )
}

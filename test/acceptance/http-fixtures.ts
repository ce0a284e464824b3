import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { serve } from '../../src/server/index.ts'
import type { TransportFixture } from '../../src/testing/acceptance/transport/fixture.ts'
import { httpTransport, logHandler } from '../../src/transport/http/index.ts'
import { lacking } from '../skips.ts'

/** Requests and answers of the real client and the real handler, without anything in between. */
export function httpHandlerFixture(): TransportFixture {
  const url = 'https://hub.test/sync'
  return {
    name: 'HTTP, handler in this process',
    capabilities: all,
    async connect(log, setup) {
      const handler = logHandler(log, setup)
      return httpTransport({ url, fetch: (input, init) => handler(new Request(input, init)) })
    },
    async unreachable() {
      return httpTransport({ url, fetch: () => Promise.reject(new TypeError('fetch failed')) })
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
  let opened: AsyncDisposable[] = []
  const keep = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one)
    return one
  }
  const to = ({ port }: { readonly port: number }) =>
    keep(httpTransport({ url: `http://127.0.0.1:${port}/sync`, compress: true }))
  return {
    name: 'HTTP, over a socket',
    capabilities: all,
    async connect(log, setup) {
      return to(keep(await serve({ mounts: { '/sync': logHandler(log, setup) }, port: 0 })))
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

const all = {
  exact: true,
  keepsRecords: true,
  ids: true,
  filters: true,
  limits: true,
  live: true,
  network: true,
} as const

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { serve } from '../../src/server/index.ts'
import type { TransportFixture } from '../../src/testing/acceptance/transport/fixture.ts'
import { logSockets, webSocketTransport } from '../../src/transport/websocket/index.ts'

/** A server on a port of this machine, and the global WebSocket. */
export function webSocketFixture(): TransportFixture {
  let opened: AsyncDisposable[] = []
  const keep = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one)
    return one
  }
  const to = ({ port }: { readonly port: number }) =>
    keep(webSocketTransport({ url: `ws://127.0.0.1:${port}` }))
  return {
    name: 'WebSocket',
    capabilities: {
      exact: true,
      keepsRecords: true,
      ids: true,
      filters: true,
      limits: true,
      live: true,
      network: true,
    },
    async connect(log, setup) {
      const sockets = { '/sync/ws': logSockets(log, setup) }
      return to(keep(await serve({ mounts: {}, sockets, port: 0 })))
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

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Transport } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import { serve } from '../../src/server/index.ts'
import type { TransportFixture } from '../../src/testing/acceptance/transport/fixture.ts'
import { httpTransport, logHandler } from '../../src/transport/http/index.ts'
import { hybridTransport } from '../../src/transport/remote/index.ts'
import { logSockets, webSocketTransport } from '../../src/transport/websocket/index.ts'

/** A server on a port of this machine, and the global WebSocket. */
export function webSocketFixture(): TransportFixture {
  return onSocket('WebSocket', (url) => webSocketTransport({ url }))
}

/** Calls over HTTP, subscriptions over a WebSocket, to one server. */
export function hybridFixture(): TransportFixture {
  return onSocket('HTTP, live over a WebSocket', (url) =>
    hybridTransport({
      calls: httpTransport({ url, live: false }),
      live: webSocketTransport({ url }),
    }),
  )
}

function onSocket(name: string, open: (url: string) => Transport<LogEvent>): TransportFixture {
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
    async connect(log, setup) {
      const sockets = { '/sync/ws': logSockets(log, setup) }
      const mounts = { '/sync': logHandler(log, setup) }
      return to(keep(await serve({ mounts, sockets, port: 0 })))
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

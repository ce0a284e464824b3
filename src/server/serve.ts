import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { ClusterServer } from '../cluster/index.ts'
import { RejoinError } from '../errors/index.ts'
import { silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { aboutRejoin } from './about.ts'
import { checkServeOptions } from './check-options.ts'
import { doorOf } from './door.ts'
import { front } from './front.ts'
import { authorityOf, listen } from './listen.ts'
import { type Mount, nodeListener } from './node-listener.ts'
import { Outgoing } from './outgoing.ts'
import type { ServeOptions } from './serve-options.ts'
import { unaskedOf } from './unasked.ts'
import { underWayOf } from './under-way.ts'
import { type Upgrades, upgradesOf } from './upgrades.ts'

/** A server that listens: where it can be reached, and the way to end it. */
export interface RunningServer {
  readonly host: string
  readonly port: number
  readonly url: string
  /**
   * Takes no new connections and lets the requests in flight finish. Then, or after a second, it ends WebSockets, who
   * follow over them with what was committed until then; after the grace period it ends what is left. Idempotent;
   * resolves when every connection is gone.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves handlers over HTTP; `GET /` says what is here and `GET /health` that it runs. Never an open door:
 * off loopback it rejects with `invalid_argument` unless tokens are given or it may be insecure; on
 * loopback without tokens it refuses what comes from web pages elsewhere. An address that can't be had
 * rejects with `invalid_argument` naming it.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  checkServeOptions(options)
  const { cluster, tokens = [], insecure = false, signal } = options
  const mounts = { ...options.mounts, ...(cluster && ofCluster(cluster)) }
  const host = (options.host ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1')
  const runtime = options.runtime ?? systemRuntime
  const logger = options.logger ?? silentLogger
  const door = doorOf({ host, tokens, insecure })
  const { answerBytes = 256 * 1024 * 1024, answerStall = 30_000 } = options
  const outgoing = new Outgoing({ bytes: answerBytes, stall: answerStall }, runtime)
  const rest = options.state?.handle
  const isPublic = options.state?.isPublic
  const handle = front({ door, mounts, rest, isPublic, about: aboutRejoin() })
  const closing = new AbortController()
  let closed: Promise<void> | undefined
  // An answer that had begun before the close leaves its connection open; nobody will ask there again.
  const onAnswered = () => {
    if (closing.signal.aborted) runtime.soon(() => server.closeIdleConnections())
  }
  const parts = { handle, logger, runtime, outgoing, closing: closing.signal, onAnswered }
  const listener = nodeListener(parts)
  const sockets = upgradesOf(options, door, logger)
  const server = createServer({ ...httpOptions, ...(sockets && onlySockets) }, listener)
  if (sockets) server.on('upgrade', (...asked) => sockets.upgrade(...asked))
  server.maxConnections = options.maxConnections ?? 10_000
  const unasked = unaskedOf(server)
  const underWay = underWayOf(server)
  const { port } = await listen(server, host, portOf(options.port), signal)
  server.on('error', (error) => logger.error('the server failed', { error }))

  const close = () => {
    signal?.removeEventListener('abort', close)
    const { grace = 10_000 } = options
    closed ??= shutDown({ server, sockets, underWay, runtime, grace })
    unasked.end()
    // After no new connections are taken: who comes back finds that out.
    closing.abort()
    return closed
  }
  signal?.addEventListener('abort', close, { once: true })
  if (signal?.aborted) void close()
  const url = `http://${authorityOf(host, port)}`
  return { host, port, url, close, [Symbol.asyncDispose]: close }
}

interface ShuttingDown {
  readonly server: Server
  readonly sockets: Upgrades | undefined
  readonly underWay: { none(): Promise<void> }
  readonly runtime: Runtime
  readonly grace: number
}

function shutDown({ server, sockets, underWay, runtime, grace }: ShuttingDown): Promise<void> {
  return new Promise((resolve) => {
    const deadline = runtime.timer(grace, () => {
      server.closeAllConnections()
      sockets?.terminate()
    })
    // After the last requests: who follows over a WebSocket is told of what they write.
    const leave = () => void sockets?.close()
    const patience = sockets && runtime.timer(Math.min(followersWait, grace), leave)
    void underWay.none().then(() => {
      patience?.cancel()
      leave()
    })
    server.close(() => {
      patience?.cancel()
      deadline.cancel()
      resolve()
    })
  })
}

/** Milliseconds: they are not to hang on for a request that takes its time. */
const followersWait = 1_000

/** Where no path of an object can be. */
function ofCluster({ handle }: ClusterServer): Readonly<Record<string, Mount>> {
  return { '/_pivot': handle, '/_rejoin': handle }
}

function portOf(port = 8080): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new RejoinError('invalid_argument', `${port} is not a port`, {
    operation: 'serve',
    component: 'server',
    details: { port },
  })
}

const httpOptions = {
  // Go clients keep idle connections for 90 s and can't repeat a compressed push on one that has died.
  keepAliveTimeout: 95_000,
  headersTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  requestTimeout: 120_000,
  maxHeaderSize: 16 * 1024,
} as const

const onlySockets = {
  // What else a client offers to speak, such as h2c, it also takes an answer in HTTP for.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket',
}

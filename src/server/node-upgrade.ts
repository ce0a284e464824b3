import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { fields, type Known, optionalLogger, unwanted, withMethods } from '../errors/check.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import type { NativeSockets } from '../transport/websocket/index.ts'
import { errorResponse } from './error-response.ts'
import { nativeSocketServer } from './native-sockets.ts'

/** Who may open WebSockets in a server of your own. */
export interface NodeUpgradeOptions {
  /**
   * Origins of web pages that may, such as `https://app.example.org`, beside pages of the same host. Any page
   * can open a WebSocket to any host, and the browser sends that host's cookies along.
   */
  readonly origins?: readonly string[]
  readonly logger?: Logger
}

/** A listener for the `upgrade` event of `node:http`. */
export interface NodeUpgrade {
  (message: IncomingMessage, socket: Duplex, head: Buffer): void
  /**
   * Ends subscriptions, lets other calls finish, and resolves when all connections are gone: a server's own
   * `close` waits for them. Idempotent.
   */
  close(): Promise<void>
}

/**
 * Lets `logSockets(store)` accept the WebSockets of a `node:http` server, and so of Express, Fastify and
 * whatever else stands on it. It takes every socket that it is given: ask for the path before. As with
 * `nodeHandler`, who may come in is your business: give `logSockets` an `authorize`. Throws
 * `invalid_argument` for options that make no sense.
 */
export function nodeUpgrade(served: NativeSockets, options: NodeUpgradeOptions = {}): NodeUpgrade {
  withMethods('sockets', served, ['accept'], 'what logSockets gives', making)
  const { origins = [], logger = silentLogger } = fields(
    'options',
    options,
    making,
    nodeUpgradeOptionNames,
  )
  optionalLogger(options.logger, making)
  if (!Array.isArray(origins) || !origins.every((origin) => URL.parse(origin)?.origin === origin))
    throw unwanted('origins', origins, 'a list of origins such as https://app.example.org', making)
  const sockets = nativeSocketServer({
    at: () => served,
    door: (request) => pageDoor(request.headers, origins),
    logger,
  })
  const upgrade = (message: IncomingMessage, socket: Duplex, head: Buffer) =>
    sockets.upgrade(message, socket, head)
  return Object.assign(upgrade, { close: () => sockets.close() })
}

function pageDoor(headers: Headers, origins: readonly string[]): Response | undefined {
  const origin = headers.get('origin')
  if (origin === null || origins.includes(origin)) return undefined
  if (URL.parse(origin)?.host === headers.get('host')?.toLowerCase()) return undefined
  return errorResponse(403, 'forbidden', 'web pages from elsewhere may not connect')
}

const making = { operation: 'open', component: 'server' }

const nodeUpgradeOptionNames: Known<NodeUpgradeOptions> = { origins: true, logger: true }

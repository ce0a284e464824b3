import type { Replica } from '../../contracts/index.ts'
import { fields, optionalFunction, optionalLogger, timerTime } from '../../errors/check.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Authorize } from '../remote/authorize.ts'
import { remoteOf } from '../remote/index.ts'
import { Connection } from './connection.ts'
import { type SocketLimitOptions, type SocketLimits, socketLimits } from './limits.ts'
import type { PeerConnection, PeerSocket } from './peer-socket.ts'
import { Unsent } from './unsent.ts'

/** Who may use a log over WebSockets, and how much at a time. */
export interface LogSocketsOptions {
  /**
   * Asked before a connection is accepted, with the request that asks for it; a token that came as a
   * subprotocol stands in its Authorization header. `false` is 401, a response 401 or 403 by its status.
   */
  readonly authorize?: Authorize
  readonly limits?: SocketLimitOptions
  /** Milliseconds without a sign of life after which a client is given up. Default 60,000. */
  readonly silence?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

/** A log that is served over WebSockets: what a server needs to know to accept connections for it. */
export interface LogSockets {
  readonly limits: SocketLimits
  readonly authorize?: Authorize
  /** A WebSocket whose subprotocol is `rejoin.v1`. Who calls this passes on what the socket has to tell. */
  accept(socket: PeerSocket): PeerConnection
}

/**
 * Serves a log over WebSockets (see wire.ts): mount it with `serve`, or with `nodeUpgrade` in a server of
 * your own. Whatever comes in, it is answered or the connection is ended with a reason; what is refused
 * changes nothing. Throws `invalid_argument` for options that make no sense.
 */
export function logSockets(
  replica: Replica<LogEvent>,
  options: LogSocketsOptions = {},
): LogSockets {
  const { authorize, silence = 60_000, logger = silentLogger } = fields('options', options, opening)
  optionalFunction('authorize', authorize, opening)
  optionalLogger(options.logger, opening)
  const runtime = options.runtime ?? systemRuntime
  const limits = socketLimits(options.limits)
  const all = new Set<Connection>()
  const watch = watchOver(all, timerTime('silence', silence, opening), runtime)
  const context = {
    remote: remoteOf(replica, { runtime, limits }),
    limits,
    runtime,
    logger,
    unsent: new Unsent(limits.allUnsentBytes),
    silence,
    gone: (connection: Connection) => void all.delete(connection),
  }
  return {
    limits,
    ...(authorize && { authorize }),
    accept(socket) {
      const connection = new Connection(context, socket)
      all.add(connection)
      watch()
      return connection
    },
  }
}

/** One timer for all connections: it runs while there are any. */
function watchOver(all: ReadonlySet<Connection>, silence: number, runtime: Runtime): () => void {
  let isWatching = false
  const look = () => {
    isWatching = false
    const now = runtime.monotonic()
    for (const connection of [...all]) connection.look(now)
    watch()
  }
  const watch = () => {
    if (isWatching || all.size === 0) return
    isWatching = true
    runtime.timer(Math.max(1, Math.floor(silence / 4)), look)
  }
  return watch
}

const opening = { operation: 'open', component: 'transport/websocket' }

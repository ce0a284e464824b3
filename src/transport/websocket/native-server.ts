import type { Replica } from '../../contracts/index.ts'
import {
  type Known,
  optionalFunction,
  optionalLogger,
  optionalRuntime,
  timerTime,
  withMethods,
} from '../../errors/check.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Authorize } from '../remote/authorize.ts'
import { type ChangeForm, remoteOf, type Sized } from '../remote/index.ts'
import { offersSockets } from '../remote/live-ways.ts'
import { Connection } from './connection.ts'
import type { ConnectionLimits } from './limits.ts'
import { pageMessages } from './page-message.ts'
import type { PeerConnection, PeerSocket } from './peer-socket.ts'
import { Unsent } from './unsent.ts'

/** Who may use what is served over WebSockets, whatever it is. */
export interface NativeSocketsOptions {
  /**
   * Asked before a connection is accepted, with the request that asks for it; a token that came as a
   * subprotocol stands in its Authorization header. `false` is 401, a response 401 or 403 by its status.
   */
  readonly authorize?: Authorize
  /** Milliseconds without a sign of life after which a client is given up. Default 60,000. */
  readonly silence?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

export const nativeSocketsOptionNames: Known<NativeSocketsOptions> = {
  authorize: true,
  silence: true,
  logger: true,
  runtime: true,
}

/** Something that is served over WebSockets: what a server needs to know to accept connections for it. */
export interface NativeSockets<Limits extends ConnectionLimits = ConnectionLimits> {
  readonly limits: Limits
  readonly authorize?: Authorize
  /** A WebSocket whose subprotocol is `rejoin.v1`. Who calls this passes on what the socket has to tell. */
  accept(socket: PeerSocket): PeerConnection
}

/** Serves a replica over WebSockets (see wire.ts), and has hello say so. */
export function nativeSockets<C extends Sized, Limits extends ConnectionLimits>(
  replica: Replica<C>,
  { limits, form }: { readonly limits: Limits; readonly form: ChangeForm<C> },
  options: NativeSocketsOptions,
): NativeSockets<Limits> {
  const { authorize, silence = 60_000, logger = silentLogger } = options
  withMethods('replica', replica, ['identity'], 'an open store', opening)
  optionalFunction('authorize', authorize, opening)
  optionalLogger(options.logger, opening)
  optionalRuntime(options.runtime, opening)
  const runtime = options.runtime ?? systemRuntime
  const all = new Set<Connection<C>>()
  const watch = watchOver(all, timerTime('silence', silence, opening), runtime)
  offersSockets(replica)
  const context = {
    remote: remoteOf(replica, { runtime, limits }),
    form,
    messages: pageMessages(form),
    limits,
    runtime,
    logger,
    unsent: new Unsent(limits.allUnsentBytes),
    silence,
    gone: (connection: Connection<C>) => void all.delete(connection),
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
function watchOver(
  all: ReadonlySet<{ look(now: number): void }>,
  silence: number,
  runtime: Runtime,
): () => void {
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

import type { Replica } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import type { LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { eventForm } from '../remote/index.ts'
import { type SocketLimitOptions, type SocketLimits, socketLimits } from './limits.ts'
import {
  type NativeSockets,
  type NativeSocketsOptions,
  nativeSockets,
  nativeSocketsOptionNames,
} from './native-server.ts'

/** Who may use a log over WebSockets, and how much at a time. */
export interface LogSocketsOptions extends NativeSocketsOptions {
  readonly limits?: SocketLimitOptions
}

/** A log that is served over WebSockets: what a server needs to know to accept connections for it. */
export type LogSockets = NativeSockets<SocketLimits>

/**
 * Serves a log over WebSockets (see wire.ts): mount it with `serve`, or with `nodeUpgrade` in a server of
 * your own. Whatever comes in, it is answered or the connection is ended with a reason; what is refused
 * changes nothing. Who says hello to this log over HTTP is told that there are WebSockets, at `/ws` below its path.
 * Throws `invalid_argument` for options that make no sense.
 */
export function logSockets(
  replica: Replica<LogEvent>,
  options: LogSocketsOptions = {},
): LogSockets {
  const { runtime = systemRuntime } = fields('options', options, opening, logSocketsOptionNames)
  const limits = socketLimits(options.limits)
  return nativeSockets(replica, { limits, form: eventForm(limits.event, runtime) }, options)
}

const opening = { operation: 'open', component: 'transport/websocket' }

const logSocketsOptionNames: Known<LogSocketsOptions> = {
  limits: true,
  ...nativeSocketsOptionNames,
}

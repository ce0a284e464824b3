import type { Transport } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import {
  defaultEventLimits,
  type EventLimits,
  eventLimitsOf,
  type LogEvent,
} from '../../event/index.ts'
import { eventForm } from '../remote/index.ts'
import {
  type NativeSocketOptions,
  nativeSocketOptionNames,
  nativeSocketTransport,
} from './native-client.ts'

/** Where a remote log's WebSocket is and how it is used. */
export interface WebSocketTransportOptions extends NativeSocketOptions {
  /** Such as `wss://example.org/sync/ws`; without a path, `/sync/ws` is meant. */
  readonly url: string | URL
  readonly limits?: { readonly event?: Partial<EventLimits> }
}

/**
 * A transport to a log that another process serves over a WebSocket. One connection carries all calls, which
 * run side by side; it is opened by the first that needs it, and again after it was lost. Each rejects with
 * its signal's reason when that aborts, otherwise with a `RejoinError`: `network`, `timeout`, `unavailable`
 * (with `details.retryAfter`, milliseconds, when the remote said so), `unauthorized`, `forbidden`,
 * `too_large`, `protocol`, and `closed` after `close`, which also ends what is under way. Throws
 * `invalid_argument`, naming the option, for options that make no sense.
 */
export function webSocketTransport(options: WebSocketTransportOptions): Transport<LogEvent> {
  const {
    url,
    limits = {},
    ...rest
  } = fields('options', options, opening, webSocketTransportOptionNames)
  const { event } = fields('limits', limits, opening, { event: true })
  const checked =
    event === undefined ? defaultEventLimits : eventLimitsOf(event, opening, 'limits.event')
  const form = (runtime: Parameters<typeof eventForm>[1]) => eventForm(checked, runtime)
  return nativeSocketTransport({ url, home: '/sync/ws', form }, rest)
}

const opening = { operation: 'open', component: 'transport/websocket' }

const webSocketTransportOptionNames: Known<WebSocketTransportOptions> = {
  url: true,
  limits: true,
  ...nativeSocketOptionNames,
}

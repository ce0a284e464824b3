import type { Transport } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { EventLimits, LogEvent } from '../../event/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { addressOf } from './address.ts'
import { Exchange, type HeaderSource } from './exchange.ts'
import { type HttpLimits, httpLimits } from './limits.ts'
import { fetchByIds, hello, pull, push } from './native-calls.ts'

export interface HttpTransportOptions {
  /** The remote log, such as `https://example.org/sync`. Without a path, `/sync` is meant. */
  readonly url: string | URL
  /** Default: the global one. */
  readonly fetch?: typeof fetch
  /** Sent with every request, such as Authorization; a function is asked each time. */
  readonly headers?: HeaderSource
  /** Milliseconds for one call, from its first byte to the last of the answer. Default 30,000. */
  readonly timeout?: number
  readonly limits?: Partial<Pick<HttpLimits, 'bodyBytes' | 'unpackedBytes'>> & {
    readonly event?: Partial<EventLimits>
  }
  /**
   * Compress what is sent, and ask for compressed answers. Default true, except to this machine, where it
   * would halve the throughput to save bytes that cost nothing.
   */
  readonly compress?: boolean
  /** Bytes from which on a body is worth compressing. Default 1,024. */
  readonly threshold?: number
  readonly runtime?: Runtime
}

/**
 * A transport to a log that another process serves over HTTP. Calls may run side by side. Each rejects with
 * its signal's reason when that aborts, otherwise with a `RejoinError`: `network`, `timeout`,
 * `unavailable` (with `details.retryAfter`, milliseconds, when the remote said so), `unauthorized`,
 * `forbidden`, `not_found`, `too_large`, `protocol`, and `closed` after `close`, which also ends the calls
 * under way.
 */
export function httpTransport(options: HttpTransportOptions): Transport<LogEvent> {
  const runtime = options.runtime ?? systemRuntime
  const limits = httpLimits(options.limits)
  const address = addressOf(options.url)
  const exchange = new Exchange({
    address,
    limits,
    runtime,
    fetch: options.fetch ?? fetch,
    headers: options.headers,
    compress: options.compress ?? !address.isLocal,
    threshold: options.threshold ?? 1024,
    timeout: timeoutOf(options.timeout),
  })
  const remote = { exchange, base: address.base, limits: limits.event, runtime }
  const close = () => exchange.close()

  return {
    hello: (mine, signal) => hello(remote, mine, signal),
    push: (batch, signal) => push(remote, batch, signal),
    pull: (after, want, signal) =>
      want.ids === undefined
        ? pull(remote, after, want, signal)
        : fetchByIds(remote, after, want, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function timeoutOf(timeout = 30_000): number {
  if (timeout > 0) return timeout
  throw new RejoinError('invalid_argument', 'timeout must be a number of milliseconds above 0', {
    operation: 'open',
    component: 'transport/http',
    details: { timeout },
  })
}

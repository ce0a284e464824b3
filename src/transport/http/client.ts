import type { Transport } from '../../contracts/index.ts'
import {
  fields,
  oneOf,
  optionalFunction,
  timerTime,
  trueOrFalse,
  unwanted,
  wholeNumber,
} from '../../errors/check.ts'
import type { EventLimits, LogEvent } from '../../event/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { addressOf } from './address.ts'
import type { VersionForm } from './compat/versions.ts'
import { goTransport } from './compat-client/go-transport.ts'
import { goVersionsOf } from './compat-client/go-versions.ts'
import { Exchange, type HeaderSource } from './exchange.ts'
import { headersOf } from './given-headers.ts'
import { type HttpLimits, httpLimits } from './limits.ts'
import { fetchByIds, hello, pull, push } from './native-calls.ts'
import { type LiveRemote, subscribe } from './native-live.ts'
import { type LinkCalls, spoken } from './spoken.ts'

/** Where a remote log is and how it is called. */
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
  /**
   * Which protocol the remote speaks: ours, or that of a server of go-sync-kit (`compat`). Default `auto`:
   * ours, unless hello finds no Rejoin server there but one of go-sync-kit; asked again at each sync.
   */
  readonly protocol?: 'auto' | 'native' | 'compat'
  /** How a server of go-sync-kit writes its versions. Default: decimal integers. */
  readonly versions?: VersionForm
  /**
   * How the remote tells of commits: over a stream of server-sent events (`sse`), or not at all (`false`):
   * then there is no `subscribe`, and the remote is only asked. Default `auto`: the best that is there.
   */
  readonly live?: 'auto' | 'sse' | false
  /**
   * Milliseconds without a sign of life after which a stream counts as lost. Default 45,000: three times
   * what a server takes between two of them. A server of go-sync-kit gives none.
   */
  readonly silence?: number
  readonly runtime?: Runtime
}

/**
 * A transport to a log that another process serves over HTTP. Calls may run side by side. Each rejects with
 * its signal's reason when that aborts, otherwise with a `RejoinError`: `network`, `timeout`,
 * `unavailable` (with `details.retryAfter`, milliseconds, when the remote said so), `unauthorized`,
 * `forbidden`, `not_found`, `too_large`, `protocol`, and `closed` after `close`, which also ends the calls
 * under way. Throws `invalid_argument`, naming the option, for options that make no sense.
 */
export function httpTransport(options: HttpTransportOptions): Transport<LogEvent> {
  const { compress, threshold = 1024, timeout = 30_000 } = fields('options', options, opening)
  const runtime = options.runtime ?? systemRuntime
  const limits = httpLimits(options.limits)
  const address = addressOf(options.url)
  checkPlugs(options)
  const exchange = new Exchange({
    address,
    limits,
    runtime,
    fetch: options.fetch ?? fetch,
    headers: options.headers,
    compress: trueOrFalse('compress', compress ?? !address.isLocal, opening),
    threshold: wholeNumber('threshold', threshold, opening),
    timeout: timerTime('timeout', timeout, opening),
  })
  const remote = { exchange, base: address.base, limits: limits.event, runtime }
  const silence = timerTime('silence', options.silence ?? 45_000, opening)
  const listening = { ...remote, silence, most: limits.unpackedBytes }
  const native = nativeCalls(listening)
  const versions = goVersionsOf(options.versions, opening)
  // It gives no signs of life: what says nothing for long is asked for anew.
  const patient = { ...listening, silence: Math.max(silence, 300_000) }
  const go = goTransport({ ...remote, versions, bodyBytes: limits.bodyBytes, listening: patient })
  const protocol = oneOf('protocol', options.protocol ?? 'auto', protocols, opening)
  const close = () => exchange.close()
  const { subscribe: follow, ...asked } = spoken(protocol, native, go)
  const live = liveWay(options.live)
  const told = live === false ? {} : { subscribe: follow }
  return { ...asked, ...told, close, [Symbol.asyncDispose]: close }
}

function nativeCalls(remote: LiveRemote): LinkCalls {
  return {
    hello: (mine, signal) => hello(remote, mine, signal),
    push: (batch, signal) => push(remote, batch, signal),
    pull: (after, want, signal) =>
      want.ids === undefined
        ? pull(remote, after, want, signal)
        : fetchByIds(remote, after, want, signal),
    subscribe: (after, want, signal) => subscribe(remote, after, want, signal),
  }
}

function liveWay(live: unknown = 'auto'): NonNullable<HttpTransportOptions['live']> {
  if (live === 'auto' || live === 'sse' || live === false) return live
  throw unwanted('live', live, '"auto", "sse" or false', opening)
}

function checkPlugs({ fetch, headers }: HttpTransportOptions): void {
  optionalFunction('fetch', fetch, opening)
  if (typeof headers !== 'function') headersOf(headers)
}

const protocols = ['auto', 'native', 'compat'] as const
const opening = { operation: 'open', component: 'transport/http' }

import {
  type Known,
  optionalFunction,
  timerTime,
  trueOrFalse,
  unwanted,
  wholeNumber,
} from '../../errors/check.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { ChangeForm, Sized } from '../remote/index.ts'
import { addressOf } from './address.ts'
import { Exchange, type HeaderSource } from './exchange.ts'
import { headersOf } from './given-headers.ts'
import type { TransferLimits } from './limits.ts'
import type { LinkCalls } from './link-calls.ts'
import { fetchByIds, hello, pull, push } from './native-calls.ts'
import { type LiveRemote, subscribe } from './native-live.ts'

/** How a remote is called, whatever it holds. */
export interface NativeClientOptions {
  /** Default: the global one. */
  readonly fetch?: typeof fetch
  /** Sent with every request, such as Authorization; a function is asked each time. */
  readonly headers?: HeaderSource
  /** Milliseconds for one call, from its first byte to the last of the answer. Default 30,000. */
  readonly timeout?: number
  /**
   * Compress what is sent, and ask for compressed answers. Default true, except to this machine, where it
   * would halve the throughput to save bytes that cost nothing.
   */
  readonly compress?: boolean
  /** Bytes from which on a body is worth compressing. Default 1,024. */
  readonly threshold?: number
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

export const nativeClientOptionNames: Known<NativeClientOptions> = {
  fetch: true,
  headers: true,
  timeout: true,
  compress: true,
  threshold: true,
  live: true,
  silence: true,
  runtime: true,
}

/** What is called. */
export interface Called<C extends Sized> {
  readonly url: string | URL
  /** The path of an address that has none. */
  readonly home: string
  readonly limits: Pick<TransferLimits, 'bodyBytes' | 'unpackedBytes'>
  readonly form: (runtime: Runtime) => ChangeForm<C>
}

/** A way to a remote that speaks the native protocol. */
export interface NativeClient<C extends Sized> {
  readonly remote: LiveRemote<C> & { readonly silence: number }
  readonly calls: LinkCalls<C>
  readonly runtime: Runtime
  readonly isLive: boolean
}

/** Throws `invalid_argument`, naming the option, for options that make no sense. */
export function nativeClient<C extends Sized>(
  { url, home, limits, form }: Called<C>,
  options: NativeClientOptions,
): NativeClient<C> {
  const { compress, threshold = 1024, timeout = 30_000 } = options
  const runtime = options.runtime ?? systemRuntime
  const address = addressOf(url, home)
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
  const silence = timerTime('silence', options.silence ?? 45_000, opening)
  const { base } = address
  const most = limits.unpackedBytes
  const remote = { exchange, base, form: form(runtime), runtime, silence, most }
  return { remote, runtime, calls: callsOf(remote), isLive: liveWay(options.live) !== false }
}

function callsOf<C extends Sized>(remote: LiveRemote<C>): LinkCalls<C> {
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

function liveWay(live: unknown = 'auto'): NonNullable<NativeClientOptions['live']> {
  if (live === 'auto' || live === 'sse' || live === false) return live
  throw unwanted('live', live, '"auto", "sse" or false', opening)
}

function checkPlugs({ fetch, headers }: NativeClientOptions): void {
  optionalFunction('fetch', fetch, opening)
  if (typeof headers !== 'function') headersOf(headers)
}

const opening = { operation: 'open', component: 'transport/http' }

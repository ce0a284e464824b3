import type { Transport } from '../../contracts/index.ts'
import { fields, type Known, oneOf } from '../../errors/check.ts'
import type { EventLimits, LogEvent } from '../../event/index.ts'
import { eventForm } from '../remote/index.ts'
import type { VersionForm } from './compat/versions.ts'
import { goTransport } from './compat-client/go-transport.ts'
import { goVersionsOf } from './compat-client/go-versions.ts'
import { type HttpLimits, httpLimits } from './limits.ts'
import { type NativeClientOptions, nativeClient, nativeClientOptionNames } from './native-client.ts'
import { spoken } from './spoken.ts'

/** Where a remote log is and how it is called. */
export interface HttpTransportOptions extends NativeClientOptions {
  /** The remote log, such as `https://example.org/sync`. Without a path, `/sync` is meant. */
  readonly url: string | URL
  readonly limits?: Partial<Pick<HttpLimits, 'bodyBytes' | 'unpackedBytes'>> & {
    readonly event?: Partial<EventLimits>
  }
  /**
   * Which protocol the remote speaks: ours, or that of a server of go-sync-kit (`compat`). Default `auto`:
   * ours, unless hello finds no Rejoin server there but one of go-sync-kit; asked again at each sync.
   */
  readonly protocol?: 'auto' | 'native' | 'compat'
  /** How a server of go-sync-kit writes its versions. Default: decimal integers. */
  readonly versions?: VersionForm
}

/**
 * A transport to a log that another process serves over HTTP. Calls may run side by side. Each rejects with
 * its signal's reason when that aborts, otherwise with a `RejoinError`: `network`, `timeout`,
 * `unavailable` (with `details.retryAfter`, milliseconds, when the remote said so), `unauthorized`,
 * `forbidden`, `not_found`, `too_large`, `protocol`, and `closed` after `close`, which also ends the calls
 * under way. Throws `invalid_argument`, naming the option, for options that make no sense.
 */
export function httpTransport(options: HttpTransportOptions): Transport<LogEvent> {
  const { url, ...given } = fields('options', options, opening, httpTransportOptionNames)
  const { event, ...limits } = httpLimits(given.limits)
  const { remote, runtime, calls, isLive } = nativeClient<LogEvent>(
    { url, home: '/sync', limits, form: (runtime) => eventForm(event, runtime) },
    given,
  )
  const { exchange, base, silence } = remote
  const versions = goVersionsOf(options.versions, opening)
  // It gives no signs of life: what says nothing for long is asked for anew.
  const listening = { ...remote, silence: Math.max(silence, 300_000) }
  const { bodyBytes } = limits
  const go = goTransport({ exchange, base, limits: event, runtime, versions, bodyBytes, listening })
  const protocol = oneOf('protocol', options.protocol ?? 'auto', protocols, opening)
  const close = () => exchange.close()
  const { subscribe, ...asked } = spoken(protocol, calls, go)
  return { ...asked, ...(isLive && { subscribe }), close, [Symbol.asyncDispose]: close }
}

const protocols = ['auto', 'native', 'compat'] as const
const opening = { operation: 'open', component: 'transport/http' }

export const httpTransportOptionNames: Known<HttpTransportOptions> = {
  url: true,
  limits: true,
  protocol: true,
  versions: true,
  ...nativeClientOptionNames,
}

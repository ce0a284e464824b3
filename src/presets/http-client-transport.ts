import type { Transport } from '../contracts/index.ts'
import { fields } from '../errors/check.ts'
import type { LogEvent } from '../event/index.ts'
import {
  type HttpTransportOptions,
  httpTransport,
  httpTransportOptionNames,
} from '../transport/http/client.ts'
import { bearerIn } from '../transport/http/given-headers.ts'
import { hybridTransport } from '../transport/remote/index.ts'
import { webSocketTransport } from '../transport/websocket/client.ts'

export type HttpClientTransportOptions = Omit<HttpTransportOptions, 'live'> & {
  /**
   * As `httpTransport` has it, or `websocket`: calls go over HTTP, and what is committed there comes over a
   * WebSocket at `/ws` below the address. It shows the bearer token that `headers` have in Authorization.
   * Default `auto`: over a WebSocket where the server says that it has them, there is a global `WebSocket` and
   * nothing on the way refuses it; else over server-sent events; where there are none either, the server is
   * asked. With a `fetch` of your own, which may know another way than the WebSocket would, without that.
   */
  readonly live?: HttpTransportOptions['live'] | 'websocket'
}

/** Calls over HTTP, and the best way to be told of commits: the transport of `httpClientNode`. */
export function httpClientTransport(options: HttpClientTransportOptions): Transport<LogEvent> {
  const { live, ...rest } = fields(
    'options',
    options,
    { operation: 'open', component: 'presets' },
    httpTransportOptionNames,
  )
  const isOpen = live === undefined || live === 'auto'
  const mayUpgrade = isOpen && rest.fetch === undefined && typeof WebSocket === 'function'
  if (live !== 'websocket' && !mayUpgrade)
    return httpTransport({ ...rest, ...(live !== undefined && { live }) })
  // First, so that an address that is none is refused in its words.
  const calls = httpTransport({ ...rest, live: isOpen ? 'auto' : false })
  const { url, headers, limits, timeout, runtime } = rest
  const { origin, pathname } = new URL(url)
  const path = pathname.replace(/\/+$/, '') || '/sync'
  return hybridTransport({
    calls,
    when: isOpen ? 'offered' : 'always',
    ...(runtime && { runtime }),
    live: webSocketTransport({
      url: `${origin}${path}/ws`,
      token: async () => bearerIn(typeof headers === 'function' ? await headers() : headers),
      ...(limits?.event && { limits: { event: limits.event } }),
      ...(timeout !== undefined && { timeout }),
      ...(runtime && { runtime }),
    }),
  })
}

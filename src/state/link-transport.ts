import type { LinkedChange, Transport } from '../contracts/index.ts'
import { fields, unwanted } from '../errors/check.ts'
import { addressOf } from '../transport/http/address.ts'
import { bearerIn } from '../transport/http/given-headers.ts'
import { type HttpStateTransportOptions, httpStateTransport } from '../transport/http/index.ts'
import { hybridTransport } from '../transport/remote/index.ts'
import { stateBase } from '../transport/remote/state-base.ts'
import { webSocketStateTransport } from '../transport/websocket/index.ts'

/** Where a remote storage of state is and how it is reached. */
export interface StateLinkTransportOptions extends Omit<HttpStateTransportOptions, 'live'> {
  /**
   * How the remote tells of commits: over a WebSocket at `/ws` below the address, which shows the bearer token that
   * `headers` have in Authorization; over server-sent events (`sse`); or not at all (`false`): it is only asked.
   * Default `websocket`.
   */
  readonly live?: 'websocket' | 'sse' | false
}

/**
 * A transport to a storage of state that another process serves to links, with `stateLinkHandler` and
 * `stateLinkSockets`: what `Link` needs to keep two storages the same. Rejects and throws as `httpTransport` does.
 */
export function stateLinkTransport(options: StateLinkTransportOptions): Transport<LinkedChange> {
  const { live = 'websocket', ...rest } = fields('options', options, opening)
  if (live === 'sse' || live === false) return httpStateTransport({ ...rest, live })
  if (live !== 'websocket') throw unwanted('live', live, '"websocket", "sse" or false', opening)
  // First, so that options that make no sense are refused in its words.
  const calls = httpStateTransport({ ...rest, live: false })
  const { url, name, headers, limits, timeout, runtime } = rest
  const { base } = addressOf(url, stateBase(name, opening))
  return hybridTransport({
    calls,
    live: webSocketStateTransport({
      url: `${base}/ws`,
      token: async () => bearerIn(typeof headers === 'function' ? await headers() : headers),
      ...(limits?.change && { limits: { change: limits.change } }),
      ...(timeout !== undefined && { timeout }),
      ...(runtime && { runtime }),
    }),
  })
}

const opening = { operation: 'open', component: 'state' }

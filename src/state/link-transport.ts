import type { LinkedChange, Transport } from '../contracts/index.ts'
import { fields, unwanted } from '../errors/check.ts'
import { addressOf } from '../transport/http/address.ts'
import { bearerIn } from '../transport/http/given-headers.ts'
import {
  type HttpStateTransportOptions,
  httpStateTransport,
  httpStateTransportOptionNames,
} from '../transport/http/state-client.ts'
import { clusterHeader } from '../transport/remote/cluster-header.ts'
import { hybridTransport } from '../transport/remote/index.ts'
import { stateBase } from '../transport/remote/state-base.ts'
import { webSocketStateTransport } from '../transport/websocket/index.ts'

/** Where a remote storage of state is and how it is reached. */
export interface StateLinkTransportOptions extends Omit<HttpStateTransportOptions, 'live'> {
  /**
   * How the remote tells of commits: over a WebSocket at `/ws` below the address (`websocket`), which shows the bearer
   * token that `headers` have in Authorization, and the cluster in Rejoin-Cluster; over server-sent events (`sse`); or not at all (`false`): it is only
   * asked. Default `auto`: over a WebSocket where the remote says that it has them and nothing on the way refuses it,
   * else over server-sent events, as with a `fetch` of your own, which may know another way than a WebSocket would.
   */
  readonly live?: 'auto' | 'websocket' | 'sse' | false
}

/**
 * A transport to a storage of state that another process serves to links, with `stateLinkHandler` and
 * `stateLinkSockets`: what `Link` needs to keep two storages the same. Rejects and throws as `httpTransport` does.
 */
export function stateLinkTransport(options: StateLinkTransportOptions): Transport<LinkedChange> {
  const { live = 'auto', ...rest } = fields(
    'options',
    options,
    opening,
    httpStateTransportOptionNames,
  )
  if (!ways.includes(live))
    throw unwanted('live', live, '"auto", "websocket", "sse" or false', opening)
  const mayUpgrade = rest.fetch === undefined && typeof WebSocket === 'function'
  if (live === 'sse' || live === false || (live === 'auto' && !mayUpgrade))
    return httpStateTransport({ ...rest, live })
  // First, so that options that make no sense are refused in its words.
  const calls = httpStateTransport({ ...rest, live: live === 'auto' ? 'sse' : false })
  const { url, name, headers, limits, timeout, runtime } = rest
  const { base } = addressOf(url, stateBase(name, opening))
  const given = async () => (typeof headers === 'function' ? headers() : headers)
  return hybridTransport({
    calls,
    when: live === 'auto' ? 'offered' : 'always',
    ...(runtime && { runtime }),
    live: webSocketStateTransport({
      url: `${base}/ws`,
      token: async () => bearerIn(await given()),
      cluster: async () => new Headers(await given()).get(clusterHeader) ?? undefined,
      ...(limits?.change && { limits: { change: limits.change } }),
      ...(timeout !== undefined && { timeout }),
      ...(runtime && { runtime }),
    }),
  })
}

const ways: readonly unknown[] = ['auto', 'websocket', 'sse', false]
const opening = { operation: 'open', component: 'state' }

import { type AnyEvents, type EventMap, SyncNode, type SyncNodeOptions } from '../sync/index.ts'
import { httpTransportOptionNames } from '../transport/http/client.ts'
import { type HttpClientTransportOptions, httpClientTransport } from './http-client-transport.ts'
import { partsOf } from './parts-of.ts'

/** The options of a node and of its transport over HTTP; what both have, such as `timeout`, is for both. */
export type HttpClientNodeOptions<Events extends EventMap = AnyEvents> = NodeOptions<Events> &
  HttpClientTransportOptions

type NodeOptions<Events extends EventMap> = Omit<SyncNodeOptions<Events>, 'transport'>

/** A node that syncs with a server over HTTP: `httpClientNode({ store, url: 'https://example.org/sync' })`. */
export function httpClientNode<Events extends EventMap = AnyEvents>(
  options: HttpClientNodeOptions<Events>,
): SyncNode<Events> {
  const { own, node } = partsOf<HttpClientTransportOptions, NodeOptions<Events>>(
    options,
    httpTransportOptionNames,
    ['timeout', 'runtime'],
  )
  return new SyncNode<Events>({ ...node, transport: httpClientTransport(own) })
}

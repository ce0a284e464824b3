import { type AnyEvents, type EventMap, SyncNode, type SyncNodeOptions } from '../sync/index.ts'
import { type HttpClientTransportOptions, httpClientTransport } from './http-client-transport.ts'

/** The options of a node and of its transport over HTTP; what both have, such as `timeout`, is for both. */
export type HttpClientNodeOptions<Events extends EventMap = AnyEvents> = Omit<
  SyncNodeOptions<Events>,
  'transport'
> &
  HttpClientTransportOptions

/** A node that syncs with a server over HTTP: `httpClientNode({ store, url: 'https://example.org/sync' })`. */
export function httpClientNode<Events extends EventMap = AnyEvents>(
  options: HttpClientNodeOptions<Events>,
): SyncNode<Events> {
  return new SyncNode<Events>({ ...options, transport: httpClientTransport(options) })
}

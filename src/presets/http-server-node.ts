import { type AnyEvents, type EventMap, SyncNode, type SyncNodeOptions } from '../sync/index.ts'
import {
  type LogHandlerOptions,
  logHandler,
  logHandlerOptionNames,
} from '../transport/http/handler.ts'
import type { Handler } from '../transport/http/native-handler.ts'
import { partsOf } from './parts-of.ts'

/** The options of a node and of the handler that serves its log. */
export type HttpServerNodeOptions<Events extends EventMap = AnyEvents> = SyncNodeOptions<Events> &
  LogHandlerOptions

/** A node and the function that serves its log; mount it with `serve`, or in any server of fetch handlers. */
export interface HttpServerNode<Events extends EventMap = AnyEvents> {
  /** Appends and reads on the server itself; closing it closes the store that the handler serves. */
  readonly node: SyncNode<Events>
  readonly handler: Handler
}

/**
 * A node that others sync with over HTTP. It needs no transport; with one it also syncs with a server of
 * its own, as a hub between others.
 */
export function httpServerNode<Events extends EventMap = AnyEvents>(
  options: HttpServerNodeOptions<Events>,
): HttpServerNode<Events> {
  // First the handler, which leaves nothing behind when its options are refused.
  const { own, node } = partsOf<LogHandlerOptions, SyncNodeOptions<Events>>(
    options,
    logHandlerOptionNames,
    ['logger', 'runtime'],
  )
  const handler = logHandler(options?.store, own)
  return { node: new SyncNode<Events>(node), handler }
}

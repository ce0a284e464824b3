import { WebSocketServer } from 'ws'
import type { Logger } from '../ports/index.ts'
import type { StatePeer, StateServer } from '../state/index.ts'
import { SocketServer } from './socket-server.ts'
import { bearerIn } from './subprotocols.ts'

export interface StateSocketsContext {
  readonly served: Pick<StateServer, 'admit'>
  /** Asked first; a response is the refusal. */
  readonly door: (request: Request) => Response | undefined
  readonly logger: Logger
}

/** The WebSockets of a served state. Clients of ooo offer no subprotocol, or `bearer` and after it a token. */
export function stateSocketServer({
  served,
  door,
  logger,
}: StateSocketsContext): SocketServer<StatePeer> {
  const by = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Nobody has anything to say here.
    maxPayload: 64 * 1024,
    handleProtocols: (names) => bearerIn(names) ?? false,
  })
  return new SocketServer({
    logger,
    receive: (peer) => peer.heard(),
    async judge(request) {
      const admission = door(request) ?? (await served.admit(request))
      if (admission instanceof Response) return admission
      return {
        by,
        accept: (socket) => admission.accept(socket),
        abandon: () => admission.abandon(),
      }
    },
  })
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Logger } from '../ports/index.ts'
import type { StatePeer, StateServer } from '../state/index.ts'
import { closeCodes } from '../transport/websocket/wire.ts'
import { errorResponse } from './error-response.ts'
import { requestOf } from './node-request.ts'
import { OpenSockets, turnAway } from './open-sockets.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { withToken } from './subprotocols.ts'
import { handOver, takeOver } from './take-over.ts'

export interface StateSocketsContext {
  readonly served: Pick<StateServer, 'admit'>
  /** Asked first; a response is the refusal. */
  readonly door: (request: Request) => Response | undefined
  readonly logger: Logger
}

/**
 * The WebSockets of a served state. A client may offer the subprotocol `bearer`, and after it a token for the
 * door.
 */
export class StateSockets {
  readonly #context: StateSocketsContext
  readonly #open = new OpenSockets<StatePeer>((peer) => peer.heard())
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Nobody has anything to say here.
    maxPayload: 64 * 1024,
    handleProtocols: (names) => (names.has(bearer) ? bearer : false),
  })

  constructor(context: StateSocketsContext) {
    this.#context = context
  }

  /** For the `upgrade` event of a server. Takes the socket over, whatever comes of it. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { logger } = this.#context
    takeOver(message, socket, () => this.#upgrade(message, socket, head), logger)
  }

  /** Ends them with a closing handshake; resolves when all are gone. */
  close(): Promise<void> {
    return this.#open.close()
  }

  /** Ends what is left. */
  terminate(): void {
    this.#open.terminate()
  }

  async #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const request = requestOf(message, new AbortController().signal)
    if (request === undefined)
      return refuseUpgrade(
        socket,
        errorResponse(400, 'invalid_argument', 'the method, path or host is malformed'),
      )
    const { headers } = request
    const token = tokenIn(headers.get('sec-websocket-protocol'))
    const asking = new Request(request, { headers: withToken(headers, token) })
    const admission = this.#context.door(asking) ?? (await this.#context.served.admit(asking))
    if (admission instanceof Response) return refuseUpgrade(socket, admission)
    let isOpen = false
    this.#server.handleUpgrade(message, socket, head, (opened) => {
      isOpen = true
      handOver(socket)
      if (this.#open.isClosing) {
        admission.abandon()
        turnAway(opened, closeCodes.leaving, 'the server is shutting down')
      } else this.#open.add(opened, admission.accept(opened))
    })
    // A handshake that made no sense, or a client that is gone.
    if (!isOpen) admission.abandon()
  }
}

/** The name after `bearer`. */
function tokenIn(header: string | null): string | undefined {
  const names = (header ?? '').split(',').map((name) => name.trim())
  const at = names.indexOf(bearer)
  return at < 0 ? undefined : names[at + 1]
}

const bearer = 'bearer'

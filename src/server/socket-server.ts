import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../ports/index.ts'
import { closeCodes } from '../transport/websocket/wire.ts'
import { errorResponse } from './error-response.ts'
import { requestOf } from './node-request.ts'
import { OpenSockets, type SocketPeer, turnAway } from './open-sockets.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { type Offer, offerIn, withOffered } from './subprotocols.ts'
import { handOver, takeOver } from './take-over.ts'

/** What becomes of a request for a WebSocket: an answer without one, or the handshake and then one of two ends. */
export type Verdict<Peer> =
  | Response
  /** Whoever asked hears why as the close code. */
  | { readonly by: WebSocketServer; readonly code: number; readonly reason: string }
  | {
      readonly by: WebSocketServer
      accept(socket: WebSocket): Peer
      /** It came to nothing. */
      abandon?(): void
    }

export interface SocketServerOptions<Peer extends SocketPeer> {
  /** Decides about a request, whose token stands in its headers wherever it came from. */
  readonly judge: (request: Request, offer: Offer) => Promise<Verdict<Peer>>
  /** Whatever a client says. */
  readonly receive: (peer: Peer, data: RawData, isBinary: boolean) => void
  readonly logger: Logger
}

/** WebSockets: who is let in is accepted, and all of them can be ended. */
export class SocketServer<Peer extends SocketPeer> {
  readonly #options: SocketServerOptions<Peer>
  readonly #open: OpenSockets<Peer>

  constructor(options: SocketServerOptions<Peer>) {
    this.#options = options
    this.#open = new OpenSockets(options.receive)
  }

  /** For the `upgrade` event of a server. Takes the socket over, whatever comes of it. */
  readonly upgrade = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    takeOver(message, socket, () => this.#upgrade(message, socket, head), this.#options.logger)
  }

  /** Takes no new connections and lets what is under way finish; resolves when all are gone. */
  close(): Promise<void> {
    return this.#open.close()
  }

  /** Ends what is left. */
  terminate(): void {
    this.#open.terminate()
  }

  async #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const request = requestOf(message, new AbortController().signal)
    if (request === undefined) return refuseUpgrade(socket, malformed())
    const { headers } = request
    const offer = offerIn(headers.get('sec-websocket-protocol'))
    const asked = new Request(request, { headers: withOffered(headers, offer) })
    const verdict = await this.#options.judge(asked, offer)
    if (verdict instanceof Response) return refuseUpgrade(socket, verdict)
    let isOpen = false
    verdict.by.handleUpgrade(message, socket, head, (opened) => {
      isOpen = true
      handOver(socket)
      this.#opened(opened, verdict)
    })
    // A handshake that made no sense, or a client that is gone.
    if (!isOpen && 'accept' in verdict) verdict.abandon?.()
  }

  #opened(opened: WebSocket, verdict: Exclude<Verdict<Peer>, Response>): void {
    if ('code' in verdict) turnAway(opened, verdict.code, verdict.reason)
    else if (!this.#open.isClosing) this.#open.add(opened, verdict.accept(opened))
    else {
      verdict.abandon?.()
      turnAway(opened, closeCodes.leaving, 'the server is shutting down')
    }
  }
}

function malformed(): Response {
  return errorResponse(400, 'invalid_argument', 'the method, path or host is malformed')
}

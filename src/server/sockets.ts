import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../ports/index.ts'
import type { NativeSockets, PeerConnection } from '../transport/websocket/index.ts'
import { closeCodes, subprotocol } from '../transport/websocket/wire.ts'
import { errorResponse } from './error-response.ts'
import { requestOf } from './node-request.ts'
import { OpenSockets, turnAway } from './open-sockets.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { offerIn, withToken } from './subprotocols.ts'
import { handOver, takeOver } from './take-over.ts'

export interface SocketsContext {
  /** What is served at the path of a request; nothing is a 404. */
  readonly at: (pathname: string) => NativeSockets | undefined
  /** Asked first; a response is the refusal. */
  readonly door: (request: Request) => Response | undefined
  readonly logger: Logger
}

/**
 * The WebSockets of one server. A client that speaks a version of our protocol and is refused hears why as
 * the connection's close code, because browsers tell no page the status of an answer; anybody else gets the
 * answer.
 */
export class Sockets {
  readonly #context: SocketsContext
  readonly #servers = new Map<NativeSockets, WebSocketServer>()
  readonly #open = new OpenSockets<PeerConnection>((connection, data, isBinary) =>
    connection.receive(data as Buffer, isBinary),
  )

  constructor(context: SocketsContext) {
    this.#context = context
  }

  /** For the `upgrade` event of a server. Takes the socket over, whatever comes of it. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { logger } = this.#context
    takeOver(message, socket, () => this.#upgrade(message, socket, head), logger)
  }

  /** Takes no new connections and lets the calls under way finish; resolves when all are gone. */
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
      return refuseUpgrade(socket, refused(400, 'the method, path or host is malformed'))
    const served = this.#context.at(new URL(request.url).pathname)
    const { chosen, isOurs, token } = offerIn(message.headers['sec-websocket-protocol'])
    const asked = new Request(request, { headers: withToken(request.headers, token) })
    const refusal = this.#context.door(asked) ?? (await refusalOf(served, asked))
    if (served === undefined || chosen === undefined)
      return refuseUpgrade(socket, refusal ?? nothingHere(served))
    const code = codeFor(refusal) ?? (isOurs ? undefined : closeCodes.version)
    const reason = refusal ? await reasonOf(refusal) : `this server speaks ${subprotocol}`
    this.#serverOf(served).handleUpgrade(message, socket, head, (opened) => {
      handOver(socket)
      if (code === undefined) this.#accept(served, opened)
      else turnAway(opened, code, reason)
    })
  }

  #accept(served: NativeSockets, socket: WebSocket): void {
    if (this.#open.isClosing) turnAway(socket, closeCodes.leaving, 'the server is shutting down')
    else this.#open.add(socket, served.accept(socket))
  }

  #serverOf(served: NativeSockets): WebSocketServer {
    const known = this.#servers.get(served)
    if (known !== undefined) return known
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: served.limits.messageBytes,
      handleProtocols: (names) => offerIn([...names].join(',')).chosen ?? false,
    })
    this.#servers.set(served, server)
    return server
  }
}

async function refusalOf(
  served: NativeSockets | undefined,
  request: Request,
): Promise<Response | undefined> {
  const verdict = served?.authorize === undefined || (await served.authorize(request))
  if (verdict === true) return undefined
  return verdict === false ? refused(401, 'credentials are missing or wrong') : verdict
}

function nothingHere(served: NativeSockets | undefined): Response {
  if (served === undefined) return refused(404, 'no WebSocket is served at this path')
  return refused(400, `the subprotocol ${subprotocol} is wanted`)
}

function refused(status: 400 | 401 | 404, message: string): Response {
  return errorResponse(status, codes[status], message)
}

function codeFor(refusal: Response | undefined): number | undefined {
  if (refusal === undefined) return undefined
  if (refusal.status === 401) return closeCodes.unauthorized
  return refusal.status < 500 ? closeCodes.forbidden : closeCodes.busy
}

/** What a refusal says, as short as a close frame wants it. */
async function reasonOf(refusal: Response): Promise<string> {
  const text = await refusal.text()
  try {
    return String(JSON.parse(text).error.message)
  } catch {
    return text
  }
}

const codes = { 400: 'invalid_argument', 401: 'unauthorized', 404: 'not_found' } as const

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../ports/index.ts'
import { closeReason } from '../transport/websocket/close-reason.ts'
import type { LogSockets, PeerConnection } from '../transport/websocket/index.ts'
import { closeCodes, subprotocol } from '../transport/websocket/wire.ts'
import { errorResponse } from './error-response.ts'
import { requestOf } from './node-request.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { offerIn, withToken } from './subprotocols.ts'

export interface SocketsContext {
  /** What is served at the path of a request; nothing is a 404. */
  readonly at: (pathname: string) => LogSockets | undefined
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
  readonly #servers = new Map<LogSockets, WebSocketServer>()
  readonly #open = new Map<WebSocket, PeerConnection>()
  readonly #listeners: Listeners
  #closing: PromiseWithResolvers<void> | undefined

  constructor(context: SocketsContext) {
    this.#context = context
    const open = this.#open
    const gone = (socket: WebSocket) => {
      open.get(socket)?.gone()
      open.delete(socket)
      this.#endIfDone()
    }
    // The same for all connections: their own would cost each of them as much as the rest of it.
    this.#listeners = {
      message(data, isBinary) {
        open.get(this)?.receive(data as Buffer, isBinary)
      },
      pong() {
        open.get(this)?.heard()
      },
      // What is wrong stands in the close code that `ws` has chosen.
      error() {
        open.get(this)?.gone()
      },
      close() {
        gone(this)
      },
    }
  }

  /** For the `upgrade` event of a server. Takes the socket over, whatever comes of it. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', destroyed)
    this.#upgrade(message, socket, head).catch((error) => {
      this.#context.logger.error('a connection failed', { path: message.url, error })
      socket.destroy()
    })
  }

  /** Takes no new connections and lets the calls under way finish; resolves when all are gone. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers()
    for (const connection of [...this.#open.values()]) connection.leave()
    this.#endIfDone()
    return this.#closing.promise
  }

  /** Ends what is left. */
  terminate(): void {
    for (const socket of [...this.#open.keys()]) socket.terminate()
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
      // From here on `ws` hears of it.
      socket.off('error', destroyed)
      if (code === undefined) this.#accept(served, opened)
      else close(opened, code, reason)
    })
  }

  #accept(served: LogSockets, socket: WebSocket): void {
    if (this.#closing) return void close(socket, closeCodes.leaving, 'the server is shutting down')
    const connection = served.accept(socket)
    this.#open.set(socket, connection)
    for (const [event, listener] of Object.entries(this.#listeners)) socket.on(event, listener)
  }

  #serverOf(served: LogSockets): WebSocketServer {
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

  #endIfDone(): void {
    if (this.#open.size === 0) this.#closing?.resolve()
  }
}

interface Listeners {
  message(this: WebSocket, data: RawData, isBinary: boolean): void
  pong(this: WebSocket): void
  error(this: WebSocket): void
  close(this: WebSocket): void
}

// No closure: it would keep the request for as long as the connection lasts.
function destroyed(this: Duplex): void {
  this.destroy()
}

async function refusalOf(
  served: LogSockets | undefined,
  request: Request,
): Promise<Response | undefined> {
  const verdict = served?.authorize === undefined || (await served.authorize(request))
  if (verdict === true) return undefined
  return verdict === false ? refused(401, 'credentials are missing or wrong') : verdict
}

function nothingHere(served: LogSockets | undefined): Response {
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

function close(socket: WebSocket, code: number, reason: string): void {
  socket.on('error', () => {})
  socket.close(code, closeReason(reason))
}

const codes = { 400: 'invalid_argument', 401: 'unauthorized', 404: 'not_found' } as const

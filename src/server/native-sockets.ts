import { WebSocketServer } from 'ws'
import type { Logger } from '../ports/index.ts'
import type { NativeSockets, PeerConnection } from '../transport/websocket/index.ts'
import { closeCodes, subprotocol } from '../transport/websocket/wire.ts'
import { errorResponse } from './error-response.ts'
import { SocketServer } from './socket-server.ts'
import { versionIn } from './subprotocols.ts'

export interface NativeSocketsContext {
  /** What is served at the path of a request; nothing is a 404. */
  readonly at: (pathname: string) => NativeSockets | undefined
  /** Asked first; a response is the refusal. */
  readonly door: (request: Request) => Response | undefined
  readonly logger: Logger
}

/**
 * The WebSockets that speak our own protocol. A client that speaks a version of our protocol and is refused hears why as the
 * connection's close code, because browsers tell no page the status of an answer; anybody else gets the answer.
 */
export function nativeSocketServer({
  at,
  door,
  logger,
}: NativeSocketsContext): SocketServer<PeerConnection> {
  const servers = new Map<NativeSockets, WebSocketServer>()
  const serverOf = (served: NativeSockets) => {
    const server = servers.get(served) ?? serverFor(served)
    servers.set(served, server)
    return server
  }
  return new SocketServer({
    logger,
    receive: (connection, data, isBinary) => connection.receive(data as Buffer, isBinary),
    async judge(request, { names }) {
      const served = at(new URL(request.url).pathname)
      const chosen = versionIn(names)
      const refusal = door(request) ?? (await refusalOf(served, request))
      if (served === undefined || chosen === undefined) return refusal ?? nothingHere(served)
      const by = serverOf(served)
      if (refusal !== undefined)
        return { by, code: codeFor(refusal), reason: await reasonOf(refusal) }
      if (chosen === subprotocol) return { by, accept: (socket) => served.accept(socket) }
      return { by, code: closeCodes.version, reason: `this server speaks ${subprotocol}` }
    },
  })
}

function serverFor({ limits }: NativeSockets): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    handleProtocols: (names) => versionIn(names) ?? false,
  })
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

function codeFor({ status }: Response): number {
  if (status === 401) return closeCodes.unauthorized
  return status < 500 ? closeCodes.forbidden : closeCodes.busy
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

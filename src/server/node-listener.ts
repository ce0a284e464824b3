import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { type Logger, silentLogger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { FetchHandler, PlainHandler } from '../transport/http/plain.ts'
import { ClientGone } from './client-gone.ts'
import { errorResponse } from './error-response.ts'
import { type NodeRequest, plainRequestOf } from './node-request.ts'
import { send } from './node-response.ts'
import type { Outgoing } from './outgoing.ts'
import { discardRest } from './unread-body.ts'

export type Mount = FetchHandler

export interface ListenerContext {
  readonly handle: PlainHandler
  readonly logger: Logger
  readonly runtime: Runtime
  readonly outgoing: Outgoing
  /** Aborts when the server is on its way out: a connection ends with the answer under way. */
  readonly closing: AbortSignal
  /** An answer has been sent, or never will be. */
  readonly onAnswered: () => void
}

/** Lets a handler answer Node's requests. Their signals abort when the client goes away. */
export function nodeListener(context: ListenerContext): RequestListener {
  return (message, response) => void answer(context, message, response)
}

async function answer(
  context: ListenerContext,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { logger, runtime } = context
  // Where nobody listens nothing is measured.
  const started = logger === silentLogger ? undefined : runtime.monotonic()
  const gone = new ClientGone()
  // It comes once by itself; a listener that is taken out costs as much again.
  response.on('close', () => {
    if (!response.writableFinished) gone.leave()
    context.onAnswered()
  })
  let request: NodeRequest | undefined
  try {
    request = plainRequestOf(message, gone)
    const given = request === undefined ? malformed() : context.handle(request)
    const reply = given instanceof Promise ? await given : given
    if (context.closing.aborted) response.shouldKeepAlive = false
    const sending = send(reply, response, context.outgoing, context.closing)
    if (sending !== undefined) await sending
  } catch (error) {
    if (!gone.isGone) logger.error('a request failed', { path: message.url, error })
    await apologise(context, response)
  }
  // What is here in one piece with its head may be answered before Node says that it is complete.
  if (!message.complete && !request?.hasAllRead)
    runtime.soon(() => discardRest(message, response.statusCode, runtime))
  if (started === undefined) return
  const { method, url: path } = message
  const milliseconds = Math.round(runtime.monotonic() - started)
  logger.debug('request', { method, path, status: response.statusCode, milliseconds })
}

function malformed(): Response {
  return errorResponse(400, 'invalid_argument', 'the method, path or host is malformed')
}

async function apologise({ outgoing }: ListenerContext, response: ServerResponse): Promise<void> {
  // What has begun can only break off, so that nobody takes it for the whole.
  if (response.headersSent) return void response.destroy()
  try {
    await send(
      errorResponse(500, 'internal', 'the server failed; its log says why'),
      response,
      outgoing,
    )
  } catch {
    response.destroy()
  }
}

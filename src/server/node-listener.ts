import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { RejoinError } from '../errors/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { errorResponse } from './error-response.ts'
import { requestOf } from './node-request.ts'
import { send } from './node-response.ts'
import type { Outgoing } from './outgoing.ts'
import { discardRest } from './unread-body.ts'

export type Mount = (request: Request) => Response | Promise<Response>

export interface ListenerContext {
  readonly handle: Mount
  readonly logger: Logger
  readonly runtime: Runtime
  readonly outgoing: Outgoing
  /** Aborts when the server is on its way out: a connection ends with the answer under way. */
  readonly closing: AbortSignal
  /** An answer has been sent, or never will be. */
  readonly onAnswered: () => void
}

/** Lets a fetch handler answer Node's requests. Its signal aborts when the client goes away. */
export function nodeListener(context: ListenerContext): RequestListener {
  return (message, response) => void answer(context, message, response)
}

async function answer(
  context: ListenerContext,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { logger, runtime } = context
  const started = runtime.monotonic()
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(clientGone())
    context.onAnswered()
  })
  try {
    const reply = await replyTo(context, message, gone.signal)
    if (context.closing.aborted) response.shouldKeepAlive = false
    await send(reply, response, context.outgoing, context.closing)
  } catch (error) {
    if (!gone.signal.aborted) logger.error('a request failed', { path: message.url, error })
    await apologise(context, response)
  }
  discardRest(message, response.statusCode, runtime)
  const { method, url: path } = message
  const milliseconds = Math.round(runtime.monotonic() - started)
  logger.debug('request', { method, path, status: response.statusCode, milliseconds })
}

async function replyTo(
  { handle }: ListenerContext,
  message: IncomingMessage,
  signal: AbortSignal,
): Promise<Response> {
  const request = requestOf(message, signal)
  if (request !== undefined) return handle(request)
  return errorResponse(400, 'invalid_argument', 'the method, path or host is malformed')
}

async function apologise({ outgoing }: ListenerContext, response: ServerResponse): Promise<void> {
  // What has begun can only break off, so that nobody takes it for the whole.
  if (response.headersSent) return void response.destroy()
  const reply = errorResponse(500, 'internal', 'the server failed; its log says why')
  await send(reply, response, outgoing).catch(() => response.destroy())
}

function clientGone(): RejoinError {
  return new RejoinError('network', 'the client went away', {
    operation: 'serve',
    component: 'server',
  })
}

import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Answer, travelling } from '../../transport/http/answer.ts'
import { acceptsGzip } from '../../transport/http/gzip.ts'
import type { PlainAnswer, PlainRequest } from '../../transport/http/plain.ts'
import { refusalAnswer } from './answers.ts'
import {
  type CorsHeaders,
  type CorsOptions,
  corsHeaders,
  isPreflight,
  preflightAnswer,
} from './cors.ts'
import { inTime } from './in-time.ts'
import { refusalOf, StateRefusal } from './refusal.ts'

export interface AnsweringContext {
  /** What it throws becomes an error answer. */
  readonly route: (
    request: PlainRequest,
    signal: AbortSignal,
  ) => Answer | Response | Promise<Answer | Response>
  readonly cors: CorsOptions
  readonly deadline: number
  readonly runtime: Runtime
  readonly logger: Logger
}

/** What stands around all answers: the questions of browsers, the deadline, and the words for what went wrong. */
export class Answering {
  readonly #context: AnsweringContext

  constructor(context: AnsweringContext) {
    this.#context = context
  }

  /** Rejects only with the reason of the request's signal. */
  readonly answer = async (request: PlainRequest): Promise<PlainAnswer | Response> => {
    const { route, cors, deadline, runtime } = this.#context
    if (isPreflight(request)) return preflightAnswer(request, cors)
    try {
      const work = (signal: AbortSignal) => route(request, signal)
      const doing = inTime(request, runtime, deadline, tooLate, work)
      const given = doing instanceof Promise ? await doing : doing
      if (given instanceof Response) return this.#responded(request, given)
      return this.#sent(request, given)
    } catch (error) {
      request.signal.throwIfAborted()
      return this.#failed(request, error)
    }
  }

  refused(request: PlainRequest, refusal: StateRefusal): PlainAnswer | Promise<PlainAnswer> {
    return this.#sent(request, refusalAnswer(refusal))
  }

  #failed(request: PlainRequest, error: unknown): PlainAnswer | Promise<PlainAnswer> {
    const { logger } = this.#context
    const refusal = refusalOf(error)
    const path = request.pathname
    if (refusal.status === 500) logger.error('a request failed', { path, error })
    if (refusal.status === 503) logger.warn('a request must wait', { path, error })
    return this.refused(request, refusal)
  }

  #sent(request: PlainRequest, answer: Answer): PlainAnswer | Promise<PlainAnswer> {
    const cors = corsHeaders(request, this.#context.cors)
    // That has no body at all, not even an empty one.
    if (answer.status === 204) return { status: 204, headers: cors ?? {}, body: null }
    const sent = travelling(request, answer, compression)
    if (cors === undefined) return sent
    return sent instanceof Promise ? sent.then((one) => withCors(one, cors)) : withCors(sent, cors)
  }

  #responded(request: PlainRequest, given: Response): Response {
    const response = new Response(given.body, given)
    for (const [name, value] of Object.entries(corsHeaders(request, this.#context.cors) ?? {}))
      if (isList(name)) response.headers.append(name, value)
      else response.headers.set(name, value)
    return response
  }
}

function withCors({ status, headers, body }: PlainAnswer, cors: CorsHeaders): PlainAnswer {
  const vary = headers.vary && cors.vary ? { vary: `${headers.vary}, ${cors.vary}` } : undefined
  return { status, headers: { ...headers, ...cors, ...vary }, body }
}

/** An endpoint of the application's may have one of its own. */
function isList(name: string): boolean {
  return name === 'vary' || name === 'access-control-expose-headers'
}

function tooLate(): Error {
  return new StateRefusal(503, 'the request took too long', { 'retry-after': '1' })
}

const compression = { compress: true, threshold: 1_024, acceptsGzip }

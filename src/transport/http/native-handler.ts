import type { Replica } from '../../contracts/index.ts'
import {
  type Known,
  optionalFunction,
  optionalLogger,
  timerTime,
  trueOrFalse,
  wholeNumber,
} from '../../errors/check.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Authorize } from '../remote/authorize.ts'
import { type ChangeForm, remoteOf, type Sized, untilAborted } from '../remote/index.ts'
import { type Answer, responseTo } from './answer.ts'
import { Budget } from './budget.ts'
import { basePath, destination, routeFor } from './dispatch.ts'
import type { TransferLimits } from './limits.ts'
import { LiveStreams } from './live-streams.ts'
import { nativeRoutes } from './native-routes.ts'
import { liveEncoder } from './native-stream.ts'
import { problem, verdictOf } from './problem.ts'
import { nativeProfile, type Profile } from './profile.ts'

export type Handler = (request: Request) => Promise<Response>

/** Who may use what is served, and in which manner; whatever it is. */
export interface NativeHandlerOptions {
  /**
   * Asked before anything else is looked at. `false` answers 401; a response is sent as it is, with which
   * 403 can be told apart. Without it everybody may read and write.
   */
  readonly authorize?: Authorize
  /** Compress answers for clients that accept it. Default true. */
  readonly compress?: boolean
  /** Bytes from which on an answer is worth compressing. Default 1,024. */
  readonly threshold?: number
  /** Milliseconds between two signs of life on a stream. Default 15,000. */
  readonly heartbeat?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

export const nativeHandlerOptionNames: Known<NativeHandlerOptions> = {
  authorize: true,
  compress: true,
  threshold: true,
  heartbeat: true,
  logger: true,
  runtime: true,
}

/** What is served, where. */
export interface Served<C extends Sized> {
  readonly base: string
  readonly limits: TransferLimits
  readonly form: ChangeForm<C>
  /** Another protocol beside the native one. */
  readonly beside?: (streams: LiveStreams) => Profile | undefined
}

/** Serves a replica over the native protocol. */
export function nativeHandler<C extends Sized>(
  replica: Replica<C>,
  { base: given, limits, form, beside }: Served<C>,
  options: NativeHandlerOptions,
): Handler {
  const { compress = true, threshold = 1024, authorize } = options
  optionalFunction('authorize', authorize, opening)
  optionalLogger(options.logger, opening)
  const runtime = options.runtime ?? systemRuntime
  const logger = options.logger ?? silentLogger
  const base = basePath(given, opening)
  const heartbeat = timerTime('heartbeat', options.heartbeat ?? 15_000, opening)
  const streams = new LiveStreams({ runtime, logger, heartbeat })
  const remote = remoteOf(replica, { runtime, limits })
  const encodeLive = liveEncoder(form)
  const routes = nativeRoutes({ remote, form, streams, encodeLive, limits, runtime })
  const native = nativeProfile(routes)
  const compat = beside?.(streams)
  const budget = new Budget(limits.bufferedBytes)
  const compression = {
    compress: trueOrFalse('compress', compress, opening),
    threshold: wholeNumber('threshold', threshold, opening),
  }

  return async (request) => {
    const url = new URL(request.url)
    const { profile, methods } = destination(url.pathname, base, native, compat)
    const { acceptsGzip } = profile
    const respond = (answer: Answer) => responseTo(request, answer, { ...compression, acceptsGzip })
    try {
      const refusal = await refused(request, authorize)
      if (refusal instanceof Response) return refusal
      if (refusal !== undefined) return await respond(refusal)
      const route = routeFor(profile, methods, request.method)
      if (typeof route !== 'function') return await respond(profile.failure(route))
      const work = budget.during((allowance) => route({ request, url, allowance }))
      const answer = await untilAborted(request.signal, work)
      return answer instanceof Response ? answer : await respond(answer)
    } catch (error) {
      request.signal.throwIfAborted()
      const verdict = verdictOf(error)
      const path = url.pathname
      if (verdict.status === 500) logger.error('a request failed', { path, error })
      if (verdict.status === 503) logger.warn('a request must wait', { path, error })
      return respond(profile.failure(verdict))
    }
  }
}

async function refused(
  request: Request,
  authorize: Authorize | undefined,
): Promise<Response | Answer | undefined> {
  const verdict = authorize === undefined || (await authorize(request))
  if (verdict === true) return undefined
  if (verdict !== false) return verdict
  const message = 'credentials are missing or wrong'
  return problem(401, { code: 'unauthorized', message }, { 'www-authenticate': 'Bearer' })
}

const opening = { operation: 'open', component: 'transport/http' }

import type { Replica } from '../../contracts/index.ts'
import {
  fields,
  optionalFunction,
  optionalLogger,
  timerTime,
  trueOrFalse,
  wholeNumber,
} from '../../errors/check.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Authorize } from '../remote/authorize.ts'
import { remoteOf, untilAborted } from '../remote/index.ts'
import { type Answer, responseTo } from './answer.ts'
import { Budget } from './budget.ts'
import { isPositioned } from './compat/context.ts'
import { compatProfile } from './compat/routes.ts'
import { type CompatOptions, compatOptionsOf } from './compat/versions.ts'
import { basePath, destination, routeFor } from './dispatch.ts'
import { type HttpLimitOptions, type HttpLimits, httpLimits } from './limits.ts'
import { LiveStreams } from './live-streams.ts'
import { nativeRoutes } from './native-routes.ts'
import { problem, verdictOf } from './problem.ts'
import { nativeProfile, type Profile } from './profile.ts'

/** Where a served log stands, who may use it and how much at a time. */
export interface LogHandlerOptions {
  /** The path this log is mounted at. Default `/sync`; a named log stands at `/sync/logs/<name>`. */
  readonly base?: string
  /**
   * Asked before anything else is looked at. `false` answers 401; a response is sent as it is, with which
   * 403 can be told apart. Without it everybody may read and write.
   */
  readonly authorize?: Authorize
  readonly limits?: HttpLimitOptions
  /** Compress answers for clients that accept it. Default true. */
  readonly compress?: boolean
  /** Bytes from which on an answer is worth compressing. Default 1,024. */
  readonly threshold?: number
  /**
   * How go-sync-kit's clients are served, or `false`: not at all. They find their paths beside the native
   * ones, as far as the log can be read by position.
   */
  readonly compat?: CompatOptions | false
  /** Milliseconds between two signs of life on a stream. Default 15,000. */
  readonly heartbeat?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

export type Handler = (request: Request) => Promise<Response>

/**
 * Serves a log to whoever calls it with a fetch `Request`: over the native protocol (see native-routes.ts) and, when
 * the log can be read by position, over go-sync-kit's (see compat/). It always answers, whatever comes in:
 * bad input with a 4xx that says what is wrong and changes nothing, storage trouble that may pass with 503
 * and Retry-After. It rejects only with the reason of the request's signal.
 */
export function logHandler(replica: Replica<LogEvent>, options: LogHandlerOptions = {}): Handler {
  const { compress = true, threshold = 1024, authorize } = fields('options', options, opening)
  optionalFunction('authorize', authorize, opening)
  optionalLogger(options.logger, opening)
  const runtime = options.runtime ?? systemRuntime
  const logger = options.logger ?? silentLogger
  const limits = httpLimits(options.limits)
  const base = basePath(options.base ?? '/sync', opening)
  const heartbeat = timerTime('heartbeat', options.heartbeat ?? 15_000, opening)
  const streams = new LiveStreams({ runtime, logger, heartbeat })
  const remote = remoteOf(replica, { runtime, limits })
  const native = nativeProfile(nativeRoutes({ remote, streams, limits, runtime }))
  const compat = compatOf(replica, options, { limits, runtime, streams })
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

function compatOf(
  replica: Replica<LogEvent>,
  { compat = {} }: LogHandlerOptions,
  parts: { limits: HttpLimits; runtime: Runtime; streams: LiveStreams },
): Profile | undefined {
  if (compat === false) return undefined
  const options = compatOptionsOf(compat, opening)
  if (!isPositioned(replica)) return undefined
  return compatProfile({ log: replica, ...parts, ...options })
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

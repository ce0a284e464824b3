import type { Replica } from '../../contracts/index.ts'
import {
  fields,
  optionalFunction,
  optionalLogger,
  text,
  trueOrFalse,
  wholeNumber,
} from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { remoteOf, untilAborted } from '../remote/index.ts'
import { type Answer, responseTo } from './answer.ts'
import { Budget } from './budget.ts'
import { type HttpLimitOptions, httpLimits } from './limits.ts'
import { nativeRoutes } from './native-routes.ts'
import { problem, problemOf } from './problem.ts'
import type { Methods, Route, Routes } from './route.ts'

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
  readonly logger?: Logger
  readonly runtime?: Runtime
}

export type Authorize = (request: Request) => boolean | Response | Promise<boolean | Response>

export type Handler = (request: Request) => Promise<Response>

/**
 * Serves a log over the native protocol (see wire.ts) to whoever calls it with a fetch `Request`. It always
 * answers, whatever comes in: bad input with a 4xx that says what is wrong and changes nothing, storage
 * trouble that may pass with 503 and Retry-After. It rejects only with the reason of the request's signal.
 */
export function logHandler(replica: Replica<LogEvent>, options: LogHandlerOptions = {}): Handler {
  const { compress = true, threshold = 1024, authorize } = fields('options', options, opening)
  optionalFunction('authorize', authorize, opening)
  optionalLogger(options.logger, opening)
  const runtime = options.runtime ?? systemRuntime
  const logger = options.logger ?? silentLogger
  const limits = httpLimits(options.limits)
  const base = basePath(options.base ?? '/sync')
  const remote = remoteOf(replica, { runtime, limits })
  const routes = nativeRoutes({ remote, limits, runtime })
  const budget = new Budget(limits.bufferedBytes)
  const how = {
    compress: trueOrFalse('compress', compress, opening),
    threshold: wholeNumber('threshold', threshold, opening),
  }

  return async (request) => {
    try {
      const refusal = await refused(request, authorize)
      if (refusal instanceof Response) return refusal
      const { signal } = request
      const answer =
        refusal ?? (await untilAborted(signal, answered(routes, base, request, budget)))
      return await responseTo(request, answer, how)
    } catch (error) {
      request.signal.throwIfAborted()
      const answer = problemOf(error)
      if (answer.status === 500) logger.error('a request failed', { path: pathOf(request), error })
      if (answer.status === 503)
        logger.warn('a request must wait', { path: pathOf(request), error })
      return responseTo(request, answer, how)
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

async function answered(
  routes: Routes,
  base: string,
  request: Request,
  budget: Budget,
): Promise<Answer> {
  const url = new URL(request.url)
  const path = url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length + 1) : ''
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (methods === undefined) return problem(404, { code: 'not_found', message: 'no such path' })
  const route = routeFor(methods, request.method)
  if (route === undefined) {
    const message = `${request.method.slice(0, 20)} is not allowed here`
    return problem(405, { code: 'invalid_argument', message }, { allow: allowed(methods) })
  }
  return budget.during((allowance) => route({ request, url, allowance }))
}

function routeFor(methods: Methods, method: string): Route | undefined {
  const name = method === 'HEAD' ? 'GET' : method
  return Object.hasOwn(methods, name) ? methods[name] : undefined
}

function allowed(methods: Methods): string {
  return Object.keys(methods)
    .map((method) => (method === 'GET' ? 'GET, HEAD' : method))
    .join(', ')
}

function basePath(base: string): string {
  if (base !== '') text('base', base, opening)
  const path = base.replace(/\/+$/, '')
  if (path === '' || /^(\/[A-Za-z0-9._~-]+)+$/.test(path)) return path
  throw new RejoinError(
    'invalid_argument',
    `base must be a path to mount a log at, not "${base}"`,
    {
      ...opening,
      details: { base },
    },
  )
}

const opening = { operation: 'open', component: 'transport/http' }

function pathOf(request: Request): string {
  return new URL(request.url).pathname
}

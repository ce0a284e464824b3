import type { StateObject } from '../../contracts/index.ts'
import { withDeadline } from '../../runtime/index.ts'
import { type Answer, responseTo } from '../../transport/http/answer.ts'
import { Budget } from '../../transport/http/budget.ts'
import { acceptsGzip } from '../../transport/http/gzip.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { PeerSocket } from '../../transport/websocket/peer-socket.ts'
import type { State } from '../state.ts'
import { refusalAnswer } from './answers.ts'
import { corsHeaders, isPreflight, preflightAnswer } from './cors.ts'
import { Endpoints } from './endpoints.ts'
import { Filters } from './filters.ts'
import { introspect } from './introspection.ts'
import type { StatePeer } from './live/state-peer.ts'
import { Subscriptions } from './live/subscriptions.ts'
import { keyPathOf } from './path-of.ts'
import { Proxies } from './proxy/proxies.ts'
import { asked, refusalOf, StateRefusal } from './refusal.ts'
import { keyMethods } from './rest.ts'
import { Retention } from './retention.ts'
import { checkedOptions, type StateServerOptions } from './server-options.ts'

/** A tree that is served: `serve` mounts it, and so can a server of your own. */
export interface StateServer {
  /**
   * Answers a request, as ooo does. It always answers, whatever comes in: bad input with a 4xx that says in
   * plain text what is wrong and changes nothing. Rejects only with the reason of the request's signal.
   */
  readonly handle: (request: Request) => Promise<Response>
  /** Decides about a request for a WebSocket: a response is the refusal. */
  readonly admit: (request: Request) => Promise<Response | Admission>
  /** Ends all subscriptions and the keeping of limits; the tree stays open. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A WebSocket that may be opened: one of the two must be called. */
export interface Admission {
  /** Who calls this passes on what the socket has to tell. */
  accept(socket: PeerSocket): StatePeer
  /** It was not opened. */
  abandon(): void
}

/**
 * Serves a tree over REST and WebSockets, in the form of ooo's servers, so that their clients work unchanged.
 * Throws `invalid_argument` for options that make no sense.
 */
export function stateServer(state: State, options: StateServerOptions = {}): StateServer {
  const settings = checkedOptions(state, options)
  const { runtime, logger, limits, cors, deadline, forcePatch, noPatch, isStatic } = settings
  const filters = new Filters(settings.filters, isStatic)
  const proxies = new Proxies(settings.proxies, { limits, runtime })
  const retentions = filters.all.flatMap(({ pattern, filter: { limit } }) =>
    limit === undefined ? [] : [new Retention({ state, pattern, limit, runtime, logger })],
  )
  const subscriptions = new Subscriptions({ ...settings, state, filters, proxies })
  const budget = new Budget(limits.bufferedBytes)
  const { channels, clocks } = subscriptions
  const info = { name: settings.name, deadline, forcePatch, noPatch, isStatic }
  const endpoints = new Endpoints({ ...settings, state })
  const inner = { state, filters, channels, clocks, endpoints, proxies, info }

  const stored = async (object: StateObject) => {
    const afterWrite = filters.afterWrite(object.path)
    try {
      await afterWrite?.(object)
    } catch (error) {
      logger.error('an afterWrite threw', { path: object.path, error })
    }
    const own = retentions.filter((retention) => retention.covers(object.path))
    await Promise.all(own.map((retention) => retention.settled()))
  }
  const rest = { state, filters, limits, runtime, beforeRead: settings.beforeRead, stored }

  const answer = async (request: Request, signal: AbortSignal): Promise<Answer | Response> => {
    const url = new URL(request.url)
    const endpoint = endpoints.find(url.pathname)
    if (endpoint !== undefined)
      return budget.during((allowance) =>
        endpoints.answer(endpoint, { request, url, allowance }, signal),
      )
    if (url.pathname === '/') {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod('GET, HEAD')
      return introspect(inner, url, signal)
    }
    const method = Object.hasOwn(keyMethods, request.method)
      ? keyMethods[request.method]
      : undefined
    if (method === undefined) throw wrongMethod(Object.keys(keyMethods).join(', '))
    const path = keyPathOf(url)
    const proxied = proxies.find(path)
    if (proxied !== undefined)
      return budget.during((allowance) =>
        proxies.answer(proxied, { request, url, allowance }, signal),
      )
    return budget.during((allowance) => method(rest, { request, url, allowance, path, signal }))
  }

  const respond = async (request: Request, given: Answer | Response) => {
    const response =
      given instanceof Response ? new Response(given.body, given) : await responseOf(request, given)
    for (const [name, value] of Object.entries(corsHeaders(request, cors)))
      if (name === 'vary') response.headers.append(name, value)
      else response.headers.set(name, value)
    return response
  }

  const handleOwn = async (request: Request): Promise<Response> => {
    if (isPreflight(request)) return preflightAnswer(request, cors)
    try {
      const work = (signal: AbortSignal) => untilAborted(signal, answer(request, signal))
      return await respond(
        request,
        await withDeadline(runtime, deadline, request.signal, tooLate, work),
      )
    } catch (error) {
      request.signal.throwIfAborted()
      const refusal = refusalOf(error)
      const path = new URL(request.url).pathname
      if (refusal.status === 500) logger.error('a request failed', { path, error })
      if (refusal.status === 503) logger.warn('a request must wait', { path, error })
      return respond(request, refusalAnswer(refusal))
    }
  }

  const handle = async (request: Request): Promise<Response> => {
    const { middleware } = settings
    if (middleware === undefined) return handleOwn(request)
    try {
      return await middleware(request, handleOwn)
    } catch (error) {
      request.signal.throwIfAborted()
      logger.error('the middleware threw', { error })
      return respond(
        request,
        refusalAnswer(new StateRefusal(500, 'the server failed; its log says why')),
      )
    }
  }

  const admit = async (request: Request): Promise<Response | Admission> => {
    try {
      return await subscriptions.admit(request)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal.status === 500) logger.error('a subscription failed', { error })
      return respond(request, refusalAnswer(refusal))
    }
  }

  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= (async () => {
      await phase('beforeClose', settings)
      subscriptions.close()
      await Promise.all(retentions.map((retention) => retention.close()))
      await phase('afterClose', settings)
    })()
    return closed
  }
  return { handle, admit, close, [Symbol.asyncDispose]: close }
}

async function responseOf(request: Request, answer: Answer): Promise<Response> {
  // That has no body at all, not even an empty one.
  if (answer.status === 204) return new Response(null, { status: 204 })
  return responseTo(request, answer, compression)
}

/** One of the application's hooks, as far as its time goes. */
async function phase(
  name: 'beforeClose' | 'afterClose',
  { runtime, logger, closeBudget, ...hooks }: ReturnType<typeof checkedOptions>,
): Promise<void> {
  const hook = hooks[name]
  if (hook === undefined) return
  const late = () => new Error(`it took more than ${closeBudget} ms`)
  const work = (signal: AbortSignal) =>
    untilAborted(
      signal,
      asked(() => hook(signal)),
    )
  try {
    await withDeadline(runtime, closeBudget, undefined, late, work)
  } catch (error) {
    logger.error(`${name} failed`, { error })
  }
}

function wrongMethod(allow: string): StateRefusal {
  return new StateRefusal(405, `method not allowed: ${allow} are`, { allow })
}

function tooLate(): Error {
  return new StateRefusal(503, 'the request took too long', { 'retry-after': '1' })
}

const compression = { compress: true, threshold: 1_024, acceptsGzip }

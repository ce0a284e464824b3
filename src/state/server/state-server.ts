import type { StateObject } from '../../contracts/index.ts'
import { withDeadline } from '../../runtime/index.ts'
import { Budget } from '../../transport/http/budget.ts'
import {
  type FetchHandler,
  type PlainRequest,
  plainRequest,
  responseOf,
} from '../../transport/http/plain.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { PeerSocket } from '../../transport/websocket/peer-socket.ts'
import type { State } from '../state.ts'
import { type Find, StateTree } from '../state-tree.ts'
import { Answering } from './answering.ts'
import { Endpoints } from './endpoints.ts'
import { Filters } from './filters.ts'
import { getsPage } from './introspection.ts'
import type { StatePeer } from './live/state-peer.ts'
import { Subscriptions } from './live/subscriptions.ts'
import { Proxies } from './proxy/proxies.ts'
import { asked, refusalOf, StateRefusal } from './refusal.ts'
import { Retention } from './retention.ts'
import { route } from './routing.ts'
import { checkedOptions, type Middleware, type StateServerOptions } from './server-options.ts'

/** A tree that is served: `serve` mounts it, and so can a server of your own. */
export interface StateServer {
  /**
   * Answers a request, as ooo does. It always answers, whatever comes in: bad input with a 4xx that says in
   * plain text what is wrong and changes nothing. Rejects only with the reason of the request's signal. Its
   * `plain` gives the same answers to servers that have no `Request` at hand; there is none with middleware.
   */
  readonly handle: FetchHandler & ((request: Request) => Promise<Response>)
  /** First segments that are no paths in its tree; absent: nobody knows. */
  readonly reserved?: readonly string[]
  /** Decides about a request for a WebSocket: a response is the refusal. */
  readonly admit: (request: Request) => Promise<Response | Admission>
  /**
   * Whether a request gets the page at `/`, which has no data in it: a server may answer that before it asks who is
   * there. Never with middleware, which may answer anything.
   */
  readonly isPublic: (request: PlainRequest) => boolean
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
  const { runtime, logger, limits, deadline, forcePatch, noPatch, isStatic } = settings
  const filters = new Filters(settings.filters, isStatic)
  const proxies = new Proxies(settings.proxies, { limits, runtime })
  const retentions = filters.all.flatMap(({ pattern, filter: { limit } }) =>
    limit === undefined ? [] : [new Retention({ state, pattern, limit, runtime, logger })],
  )
  const subscriptions = new Subscriptions({ ...settings, state, filters, proxies })
  const budget = new Budget(limits.bufferedBytes)
  const { channels, clocks } = subscriptions
  const { name, ui } = settings
  const info = { name, ui, deadline, forcePatch, noPatch, isStatic }
  const endpoints = new Endpoints({ ...settings, state })

  const follow = async (object: StateObject) => {
    const afterWrite = filters.afterWrite(object.path)
    try {
      await afterWrite?.(object)
    } catch (error) {
      logger.error('an afterWrite threw', { path: object.path, error })
    }
    if (retentions.length === 0) return
    const own = retentions.filter((retention) => retention.covers(object.path))
    await Promise.all(own.map((retention) => retention.settled()))
  }
  const stored = filters.all.length === 0 ? undefined : follow
  const { beforeRead, cluster, reserved } = settings
  const find: Find = StateTree.finderOf(state) ?? ((path, signal) => state.get(path, signal))
  const rest = { state, find, filters, limits, runtime, beforeRead, cluster, reserved, stored }
  const introspection = { state, filters, channels, clocks, endpoints, proxies, cluster, info }
  const routing = { endpoints, proxies, rest, introspection, budget }
  const answering = new Answering({
    ...settings,
    route: (request, signal) => route(routing, request, signal),
  })

  const handleOwn = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted()
    const answer = await answering.answer(plainRequest(request))
    return answer instanceof Response ? answer : responseOf(answer)
  }

  const { middleware } = settings
  const around = async (request: Request, work: Middleware): Promise<Response> => {
    try {
      return await work(request, handleOwn)
    } catch (error) {
      request.signal.throwIfAborted()
      logger.error('the middleware threw', { error })
      const refusal = new StateRefusal(500, 'the server failed; its log says why')
      return responseOf(await answering.refused(plainRequest(request), refusal))
    }
  }
  const handle: StateServer['handle'] =
    middleware === undefined
      ? Object.assign(handleOwn, { plain: answering.answer })
      : (request) => around(request, middleware)

  const admit = async (request: Request): Promise<Response | Admission> => {
    try {
      return await subscriptions.admit(request)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal.status === 500) logger.error('a subscription failed', { error })
      return responseOf(await answering.refused(plainRequest(request), refusal))
    }
  }

  const isPublic: StateServer['isPublic'] = ({ method, pathname, url, headers }) =>
    middleware === undefined &&
    (method === 'GET' || method === 'HEAD') &&
    pathname === '/' &&
    getsPage(info, { url, headers })

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
  const own = state.reserved && { reserved: state.reserved }
  return { handle, ...own, admit, isPublic, close, [Symbol.asyncDispose]: close }
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

import type { Answer } from '../../transport/http/answer.ts'
import type { Allowance, Budget } from '../../transport/http/budget.ts'
import type { PlainRequest } from '../../transport/http/plain.ts'
import type { Endpoints } from './endpoints.ts'
import { type IntrospectionContext, introspect } from './introspection.ts'
import { keyPathOf } from './path-of.ts'
import type { Proxies } from './proxy/proxies.ts'
import { StateRefusal } from './refusal.ts'
import { keyMethods, type RestContext } from './rest.ts'

export interface RoutingContext {
  readonly endpoints: Endpoints
  readonly proxies: Proxies
  readonly rest: RestContext
  readonly introspection: IntrospectionContext
  /** What all bodies hold together. */
  readonly budget: Budget
}

/** Who answers a request: an endpoint, the server about itself, another server, or the tree. */
export function route(
  { endpoints, proxies, rest, introspection, budget }: RoutingContext,
  request: PlainRequest,
  signal: AbortSignal,
): Answer | Response | Promise<Answer | Response> {
  const endpoint = endpoints.find(request.pathname)
  if (endpoint !== undefined)
    return budget.during((allowance) => endpoints.answer(endpoint, { request, allowance }, signal))
  if (request.pathname === '/') {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod('GET, HEAD')
    return introspect(introspection, request, signal)
  }
  const method = Object.hasOwn(keyMethods, request.method) ? keyMethods[request.method] : undefined
  if (method === undefined) throw wrongMethod(Object.keys(keyMethods).join(', '))
  const path = keyPathOf(request, rest.reserved)
  const proxied = proxies.find(path)
  if (proxied !== undefined)
    return budget.during((allowance) => proxies.answer(proxied, { request, allowance }, signal))
  if (request.body === null) return method(rest, { request, allowance: nothing, path, signal })
  return budget.during((allowance) => method(rest, { request, allowance, path, signal }))
}

/** Of who has no body. */
const nothing: Allowance = { expect() {}, take() {} }

function wrongMethod(allow: string): StateRefusal {
  return new StateRefusal(405, `method not allowed: ${allow} are`, { allow })
}

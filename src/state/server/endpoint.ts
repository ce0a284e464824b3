import type { StandardSchema } from '../../contracts/index.ts'
import type { State } from '../state.ts'

/** A route of the application's own. */
export interface StateEndpoint {
  /** Told at `/?api=endpoints`. */
  readonly description?: string
  /** By HTTP method, such as `GET`. */
  readonly methods: Readonly<Record<string, EndpointMethod>>
}

/** `defineMethod` knows the types of what a schema gives. */
export interface EndpointMethod {
  /** What the body must be, as JSON; what the schema makes of it goes to `handle`. Without it no body is read. */
  readonly body?: StandardSchema
  /** What the parameters of the path and the query must be: an object of strings. */
  readonly params?: StandardSchema
  /** Told at `/?api=endpoints`, and not checked. */
  readonly response?: StandardSchema
  /** Gives a response, or anything to answer as JSON; `undefined` is 204. What it throws refuses with 400. */
  readonly handle: (call: EndpointCall<never, never>) => unknown
}

export interface EndpointCall<Body = unknown, Params = unknown> {
  readonly body: Body
  readonly params: Params
  readonly request: Request
  readonly state: State
  /** Aborts when the client goes away, or the time for the request is over. */
  readonly signal: AbortSignal
}

/** One method of an endpoint, its `handle` typed by its schemas. */
export function defineMethod<Body = undefined, Params = Readonly<Record<string, string>>>(method: {
  readonly body?: StandardSchema<unknown, Body>
  readonly params?: StandardSchema<unknown, Params>
  readonly response?: StandardSchema
  readonly handle: (call: EndpointCall<Body, Params>) => unknown
}): EndpointMethod {
  return method as EndpointMethod
}

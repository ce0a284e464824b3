import type { StandardIssue, StandardSchema } from '../../contracts/index.ts'
import {
  aFunction,
  fields,
  type Known,
  unwanted,
  type Where,
  withMethods,
} from '../../errors/check.ts'
import { stringifyLossless } from '../../json/index.ts'
import type { Answer } from '../../transport/http/answer.ts'
import { type BodyCall, type BodyContext, readText } from '../../transport/http/request-body.ts'
import type { State } from '../state.ts'
import { jsonAnswer, nothing } from './answers.ts'
import type { EndpointCall, EndpointMethod, StateEndpoint } from './endpoint.ts'
import { asked, StateRefusal } from './refusal.ts'
import type { StateCall } from './rest.ts'

export interface EndpointsOptions extends BodyContext {
  readonly state: State
  readonly endpoints: Readonly<Record<string, StateEndpoint>>
}

/** Routes of the application's own, before all keys. A path such as `/things/{id}` takes any one segment there. */
export class Endpoints {
  readonly #options: EndpointsOptions
  readonly #routes: readonly Route[]

  constructor(options: EndpointsOptions) {
    this.#options = options
    // Named segments before parameters, whatever the order they were given in.
    this.#routes = Object.entries(options.endpoints)
      .map(([path, endpoint]) => ({ path, segments: path.slice(1).split('/'), endpoint }))
      .toSorted((one, other) => parametersIn(one) - parametersIn(other))
  }

  /** What `/?api=endpoints` tells. */
  get shown(): readonly object[] {
    return this.#routes.map(({ path, segments, endpoint: { description = '', methods } }) => ({
      path,
      description,
      ...shownVars(segments),
      methods: Object.entries(methods).map(([method, { body, params, response }]) => ({
        method,
        ...shownSchema('params', params, 'input'),
        ...shownSchema('request', body, 'input'),
        ...shownSchema('response', response, 'output'),
      })),
    }))
  }

  /** `undefined` where no endpoint stands. */
  find(pathname: string): FoundEndpoint | undefined {
    if (this.#routes.length === 0) return undefined
    const given = pathname.slice(1).split('/')
    for (const { segments, endpoint } of this.#routes) {
      const params = paramsOf(segments, given)
      if (params !== undefined) return { endpoint, params }
    }
    return undefined
  }

  async answer(
    { endpoint, params }: FoundEndpoint,
    { request: plain, allowance }: StateCall,
    signal: AbortSignal,
  ): Promise<Answer | Response> {
    const { methods } = endpoint
    const name = plain.method
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method === undefined) {
      const allow = Object.keys(methods).join(', ')
      throw new StateRefusal(405, `method not allowed: ${allow} are`, { allow })
    }
    const { state } = this.#options
    const query = Object.fromEntries(plain.url.searchParams)
    const given = { ...query, ...params }
    const request = plain.asRequest()
    const checked = {
      params: method.params ? await parsedBy(method.params, given, 'params') : given,
      body: await this.#bodyOf(method, { request, allowance }),
    } as Pick<EndpointCall<never, never>, 'body' | 'params'>
    const result = await asked(() => method.handle({ ...checked, request, state, signal }))
    if (result instanceof Response) return result
    return result === undefined ? nothing : jsonAnswer(stringifyLossless(result))
  }

  async #bodyOf({ body }: EndpointMethod, call: BodyCall): Promise<unknown> {
    if (body === undefined) return undefined
    const text = await readText(call, this.#options, false)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw new StateRefusal(400, 'the body is no JSON')
    }
    return parsedBy(body, value, 'body')
  }
}

export interface FoundEndpoint {
  readonly endpoint: StateEndpoint
  readonly params: Readonly<Record<string, string>>
}

interface Route {
  readonly path: string
  readonly segments: readonly string[]
  readonly endpoint: StateEndpoint
}

/** Throws `invalid_argument` naming what makes no sense. */
export function checkEndpoints(
  endpoints: Readonly<Record<string, StateEndpoint>>,
  where: Where,
): Readonly<Record<string, StateEndpoint>> {
  for (const [path, endpoint] of Object.entries(fields('endpoints', endpoints, where))) {
    if (!pathForm.test(path))
      throw unwanted('endpoints', path, 'a path such as /things/{id}', where)
    const name = `endpoints["${path}"]`
    const { methods } = fields(name, endpoint, where, stateEndpointNames)
    for (const [method, spec] of Object.entries(fields(`${name}.methods`, methods, where))) {
      if (!/^[A-Z]+$/.test(method)) throw unwanted(name, method, 'a method such as GET', where)
      const { handle, body, params, response } = fields(
        `${name}.${method}`,
        spec,
        where,
        endpointMethodNames,
      )
      aFunction(`${name}.${method}.handle`, handle, where)
      for (const [key, schema] of Object.entries({ body, params, response }))
        if (schema !== undefined)
          withMethods(
            `${name}.${method}.${key}`,
            schema?.['~standard'],
            ['validate'],
            'a schema',
            where,
          )
    }
  }
  return endpoints
}

function paramsOf(
  segments: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (segments.length !== given.length) return undefined
  const params: [string, string][] = []
  for (const [at, segment] of segments.entries()) {
    const value = given[at] as string
    const name = parameterIn(segment)
    if (name === undefined ? value !== segment : value === '') return undefined
    if (name !== undefined) params.push([name, decoded(value)])
  }
  return Object.fromEntries(params)
}

/** As ooo tells them: each under its own name. */
function shownVars(segments: readonly string[]): object {
  const names = segments.map(parameterIn).filter((name) => name !== undefined)
  return names.length === 0 ? {} : { vars: Object.fromEntries(names.map((name) => [name, name])) }
}

function parameterIn(segment: string): string | undefined {
  return /^\{(.+)\}$/.exec(segment)?.[1]
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new StateRefusal(400, 'the path is not percent-encoded UTF-8')
  }
}

async function parsedBy(schema: StandardSchema, value: unknown, what: string): Promise<unknown> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  throw new StateRefusal(400, `${what}: ${result.issues.slice(0, 10).map(issueText).join('; ')}`)
}

function issueText({ message, path = [] }: StandardIssue): string {
  const at = path.map((one) => String(typeof one === 'object' ? one.key : one)).join('.')
  return at === '' ? message : `${at}: ${message}`
}

function shownSchema(
  name: string,
  schema: StandardSchema | undefined,
  side: 'input' | 'output',
): object {
  const jsonSchema = schema?.['~standard'].jsonSchema
  if (jsonSchema === undefined) return {}
  try {
    return { [name]: jsonSchema[side]({ target: 'draft-2020-12' }) }
  } catch {
    // Of what JSON Schema has no words for.
    return {}
  }
}

function parametersIn({ segments }: Route): number {
  return segments.filter((segment) => segment.startsWith('{')).length
}

const pathForm = /^(\/([A-Za-z0-9._~-]+|\{[A-Za-z][A-Za-z0-9_]*\}))+$/

const endpointMethodNames: Known<EndpointMethod> = {
  body: true,
  params: true,
  response: true,
  handle: true,
}

const stateEndpointNames: Known<StateEndpoint> = { description: true, methods: true }

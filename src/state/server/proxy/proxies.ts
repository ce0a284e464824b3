import { Patterns, patternProblem } from '../../../contracts/index.ts'
import { fields, type Known, unwanted, unwantedSecret, type Where } from '../../../errors/check.ts'
import type { Answer } from '../../../transport/http/answer.ts'
import { type BodyContext, readText } from '../../../transport/http/request-body.ts'
import { readResponseBytes } from '../../../transport/http/response-body.ts'
import { at } from '../../check-calls.ts'
import { jsonAnswer } from '../answers.ts'
import { askedAtOnce, StateRefusal } from '../refusal.ts'
import type { StateCall } from '../rest.ts'
import { type PathMap, pathMap, starsIn } from './path-map.ts'
import { renamedValue } from './renamed.ts'

/** Paths that stand in another state server. */
export interface StateProxy {
  /** Where it is, such as `http://10.0.0.2:8080`. */
  readonly url: string
  /** What they are called there, with as many `*`. Default the same. */
  readonly path?: string
  /** A bearer token for it. */
  readonly token?: string
}

/** Who answers for one path or list, and what it is called there; a new answer for each request. */
export type ProxyResolver = (path: string) => StateProxy

/** Who answers for a path. */
export interface Proxied {
  readonly proxy: StateProxy
  readonly map: PathMap
  /** The address there of what was asked for here. */
  readonly target: string
}

/** The remote servers that answer for some paths. */
export class Proxies {
  readonly #patterns = new Patterns<{ pattern: string; proxy: StateProxy | ProxyResolver }>()
  readonly #context: BodyContext

  constructor(proxies: Readonly<Record<string, StateProxy | ProxyResolver>>, context: BodyContext) {
    this.#context = context
    for (const [pattern, proxy] of Object.entries(proxies))
      this.#patterns.set(pattern, { pattern, proxy })
  }

  /** What `/?api=proxies` tells. */
  get shown(): readonly object[] {
    return [...this.#patterns.values()].map(({ pattern, proxy }) => ({
      localPath: pattern,
      type: pattern.includes('*') ? 'list' : 'single',
      // What its own filters say of it, only the other server knows.
      canRead: true,
      canWrite: true,
      canDelete: true,
      ...(typeof proxy !== 'function' && { url: proxy.url, remotePath: proxy.path ?? pattern }),
    }))
  }

  /** `undefined` where the path stands here. Throws a refusal when nobody can be named. */
  find(path: string): Proxied | undefined {
    const [found] = this.#patterns.matching(path)
    if (found === undefined) return undefined
    const { pattern, proxy: given } = found
    const resolves = typeof given === 'function'
    const proxy = resolves ? askedAtOnce(() => checkedProxy('proxy', given(path), path)) : given
    const map = pathMap(resolves ? path : pattern, proxy.path ?? (resolves ? path : pattern))
    const there = map.there(path)
    if (there === undefined) return undefined
    return { proxy, map, target: `${proxy.url.replace(/\/+$/, '')}/${there}` }
  }

  /** The remote's answer, with paths of here. Throws a refusal with 502 when there is none. */
  async answer(
    { proxy, map, target }: Proxied,
    call: StateCall,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { method, headers } = call.request
    const hasBody = method === 'POST' || method === 'PATCH'
    const body = hasBody ? await readText(call, this.#context, false) : undefined
    const response = await reached(() =>
      fetch(target, {
        method,
        signal,
        redirect: 'manual',
        headers: {
          'content-type': headers.get('content-type') ?? 'application/json',
          ...(proxy.token !== undefined && { authorization: `Bearer ${proxy.token}` }),
        },
        ...(body !== undefined && { body }),
      }),
    )
    const { status } = response
    if (status < 200 || (status >= 300 && status < 400)) throw unreached()
    const bytes = await reached(() => readResponseBytes(response, answerLimits, 'proxy'))
    const text = new TextDecoder().decode(bytes)
    if (status >= 400) throw refusalThere(status, text)
    if (status === 204 || method === 'HEAD') return { status, headers: {}, body: new Uint8Array() }
    const isWrite = hasBody
    return jsonAnswer(
      isWrite ? text : await reached(async () => renamedValue(text, (path) => map.here(path))),
      status,
    )
  }
}

/** Throws `invalid_argument` naming what makes no sense. */
export function checkProxies(
  proxies: Readonly<Record<string, StateProxy | ProxyResolver>>,
  where: Where,
): Readonly<Record<string, StateProxy | ProxyResolver>> {
  for (const [pattern, proxy] of Object.entries(fields('proxies', proxies, where))) {
    const problem = patternProblem(pattern, [])
    if (problem !== undefined)
      throw unwanted('proxies', pattern, `a path or pattern: it ${problem}`, where)
    if (typeof proxy !== 'function') checkedProxy(`proxies["${pattern}"]`, proxy, pattern, where)
  }
  return proxies
}

function checkedProxy(
  name: string,
  proxy: StateProxy,
  pattern: string,
  where: Where = at('proxy'),
): StateProxy {
  const { url, path = pattern, token } = fields(name, proxy, where, stateProxyNames)
  const problem = patternProblem(path, [])
  if (problem !== undefined)
    throw unwanted(`${name}.path`, path, `a path or pattern: it ${problem}`, where)
  if (starsIn(path) !== starsIn(pattern))
    throw unwanted(`${name}.path`, path, `a path with as many * as ${pattern}`, where)
  const { protocol = '', username = '', search = '' } = URL.parse(url) ?? {}
  if (!/^https?:$/.test(protocol) || username !== '' || search !== '')
    throw unwantedSecret(`${name}.url`, url, 'an address such as http://10.0.0.2:8080', where)
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw unwantedSecret(`${name}.token`, token, 'printable ASCII', where)
  return proxy
}

/** What may go wrong on the way is the remote's, not the caller's. */
async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    throw unreached()
  }
}

export function unreached(): StateRefusal {
  return new StateRefusal(502, 'the server where this path stands does not answer')
}

function refusalThere(status: number, text: string): StateRefusal {
  return new StateRefusal(status, text.trim().slice(0, 1_000))
}

const most = 64 * 1024 * 1024
const answerLimits = { bodyBytes: most, unpackedBytes: most }

const stateProxyNames: Known<StateProxy> = { url: true, path: true, token: true }

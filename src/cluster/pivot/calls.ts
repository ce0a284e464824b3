import {
  fields,
  type Known,
  optionalFunction,
  text,
  timerTime,
  unwanted,
} from '../../errors/check.ts'
import { type ErrorCode, RejoinError } from '../../errors/index.ts'
import { parseLossless } from '../../json/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { noAnswer } from '../../transport/http/failure.ts'
import { readResponseBytes } from '../../transport/http/response-body.ts'
import { Calls, untilAborted } from '../../transport/remote/index.ts'
import { addressProblem } from '../configuration/address.ts'
import { baseOf } from './pivot-keys.ts'
import { originatorHeader } from './route-calls.ts'
import {
  int64,
  isProblem,
  readList,
  readObject,
  type WireObject,
  type WireProblem,
} from './wire-object.ts'

export interface PivotCallsOptions {
  /** `host:port`. */
  readonly address: string
  /** This server's own address: the other one does not call it back for what it sends. */
  readonly originator?: string
  /**
   * Instead of the HTTP client that is built in: pooled, with 500 milliseconds for a connection where the platform
   * lets them be set.
   */
  readonly fetch?: typeof fetch
  /** Sent with every request, such as Authorization. */
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds for a whole call. Default 30,000. */
  readonly timeout?: number
  /** Milliseconds until an answer begins. Default 10,000. */
  readonly headersTimeout?: number
  /** Most bytes of an answer; a list comes as one. Default 256 MiB. */
  readonly answerBytes?: number
  readonly runtime?: Runtime
}

/** What a server says of itself. */
export interface PivotVersion {
  /** Such as `2.0`. */
  readonly protocol: string
  /** All that it says. */
  readonly fields: Readonly<Record<string, unknown>>
}

/**
 * The calls that a server of protocol 2.0 takes. Each rejects with its signal's reason, or with a `RejoinError`:
 * `network`, `timeout`, `unavailable` for a server that fails, `not_found` for what is not shared there,
 * `unauthorized`, `forbidden`, `too_large`, `protocol`, and `closed` after `close`.
 */
export class PivotCalls {
  readonly address: string
  readonly #options: PivotCallsOptions
  readonly #runtime: Runtime
  readonly #calls: Calls
  #pool: Promise<Pool> | undefined

  constructor(options: PivotCallsOptions) {
    const {
      address,
      timeout = 30_000,
      headersTimeout = 10_000,
    } = fields('options', options, where, pivotCallsOptionNames)
    const problem = addressProblem(address)
    if (problem !== undefined) throw unwanted('address', address, `host:port: it ${problem}`, where)
    optionalFunction('fetch', options.fetch, where)
    timerTime('timeout', timeout, where)
    timerTime('headersTimeout', headersTimeout, where)
    if (options.originator !== undefined) text('originator', options.originator, where)
    this.address = address
    this.#options = { ...options, headersTimeout }
    this.#runtime = options.runtime ?? systemRuntime
    this.#calls = new Calls({ runtime: this.#runtime, timeout, component, name: 'client' })
  }

  async version(signal?: AbortSignal): Promise<PivotVersion> {
    let answer: string
    try {
      answer = await this.#get('version', 'version', signal)
    } catch (error) {
      const status = [400, 404, 405].find((one) => isStatus(error, [one]))
      throw status === undefined ? error : this.#noPeer(status, error as RejoinError)
    }
    const said = parsedJson(answer)
    const found = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>
    const { protocol } = found
    if (typeof protocol !== 'string' || protocol === '') throw this.#noPeer(200)
    return { protocol, fields: found }
  }

  /** The greatest time under a key, or a later delete time; nanoseconds. */
  async activity(key: string, signal?: AbortSignal): Promise<bigint> {
    const answer = await this.#get('activity', `activity/${baseOf(key)}`, signal)
    const said = parsedJson(answer) as { readonly lastEntry?: unknown } | undefined | null
    const time = int64(String(said?.lastEntry))
    if (time === undefined) throw this.#strange('activity', 'lastEntry is no int64')
    return time
  }

  /** All of a list; what can't be read of it is told as such. */
  async list(key: string, signal?: AbortSignal): Promise<readonly (WireObject | WireProblem)[]> {
    const list = readList(await this.#get('list', `pivot/${key}`, signal))
    if ('problem' in list) throw this.#strange('list', list.problem)
    return list
  }

  /** `undefined` for nothing there: a server of the original says so with a 500, and with what it means. */
  async single(key: string, signal?: AbortSignal): Promise<WireObject | WireProblem | undefined> {
    let answer: string
    try {
      answer = await this.#get('read', `pivot/${key}`, signal)
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
    const object = readObject(answer)
    if (isProblem(object) && object.index === '') throw this.#strange('read', object.problem)
    return object
  }

  /** Stores an object as it is. */
  async set(path: string, object: string, signal?: AbortSignal): Promise<void> {
    const headers = { 'content-type': 'application/json', ...this.#own() }
    await this.#send('set', `pivot/${path}`, { method: 'POST', body: object, headers }, signal)
  }

  async delete(path: string, time: bigint, signal?: AbortSignal): Promise<void> {
    const init = { method: 'DELETE', headers: this.#own() }
    await this.#send('delete', `pivot/${path}/${time}`, init, signal)
  }

  /** Has a node pull a key, and waits until it has. */
  async synchronize(key: string, signal?: AbortSignal): Promise<void> {
    // As it stands, as the original writes it: none of what a key may hold means anything in a query.
    await this.#get('synchronize', `synchronize/pivot?key=${key}`, signal)
  }

  /** Calls under way reject with `closed`, and no connection is kept. Idempotent. */
  async close(): Promise<void> {
    await this.#calls.close()
    const pool = await this.#pool
    pool?.close?.()
  }

  #own(): Record<string, string> {
    const { originator } = this.#options
    return originator === undefined ? {} : { [originatorHeader]: originator }
  }

  #get(operation: string, path: string, signal: AbortSignal | undefined): Promise<string> {
    return this.#send(operation, path, { method: 'GET', headers: {} }, signal)
  }

  /** Resolves with the text of a 200. */
  #send(
    operation: string,
    path: string,
    { headers, ...init }: RequestInit & { readonly headers: Record<string, string> },
    outer: AbortSignal | undefined,
  ): Promise<string> {
    const url = `http://${this.address}/_pivot/${path}`
    const all = { ...this.#options.headers, ...headers }
    return this.#calls.run(operation, outer, async (signal) => {
      const response = await this.#begun(operation, url, { ...init, headers: all }, signal)
      const answer = await this.#textOf(operation, response, signal)
      if (response.status === 200) return answer
      throw this.#refused(operation, response.status, answer)
    })
  }

  async #begun(
    operation: string,
    url: string,
    init: RequestInit,
    signal: AbortSignal,
  ): Promise<Response> {
    const { headersTimeout = 0 } = this.#options
    const late = new AbortController()
    const timer = this.#runtime.timer(headersTimeout, () =>
      late.abort(this.#error('timeout', operation, `no answer has begun in ${headersTimeout} ms`)),
    )
    const both = AbortSignal.any([signal, late.signal])
    try {
      const { fetch } = await this.#pooled()
      const asked = fetch(url, { ...init, signal: both, redirect: 'manual', cache: 'no-store' })
      return await untilAborted(both, asked)
    } catch (cause) {
      both.throwIfAborted()
      throw noAnswer(operation, this.address, cause)
    } finally {
      timer.cancel()
    }
  }

  async #textOf(operation: string, response: Response, signal: AbortSignal): Promise<string> {
    const { answerBytes: most = mostBytes } = this.#options
    const limits = { bodyBytes: most, unpackedBytes: most }
    try {
      return new TextDecoder().decode(await readResponseBytes(response, limits, operation))
    } catch (cause) {
      signal.throwIfAborted()
      throw noAnswer(operation, this.address, cause)
    }
  }

  #pooled(): Promise<Pool> {
    this.#pool ??= poolFor(this.#options.fetch, this.#runtime)
    return this.#pool
  }

  #refused(operation: string, status: number, answer: string): RejoinError {
    const code = codes[status] ?? (status >= 500 ? 'unavailable' : 'protocol')
    const said = answer.trim().slice(0, 300)
    const message = `${this.address} answers ${operation} with ${status}${said && `: ${said}`}`
    return this.#error(code, operation, message, { status, said })
  }

  /** Somebody answers who is none: what is wrong is the address, or how that server was started. */
  #noPeer(status: number, cause?: RejoinError): RejoinError {
    const message = `${this.address} answers, but is no server of a cluster (${status} for /_pivot/version): check host and port, or start that server with keys (rejoin serve --key)`
    const details = { url: this.address, status }
    const init = { operation: 'version', component, details }
    return new RejoinError('protocol', message, cause === undefined ? init : { ...init, cause })
  }

  #strange(operation: string, problem: string): RejoinError {
    const message = `${this.address} does not answer as pivot does: ${problem}`
    return this.#error('protocol', operation, message)
  }

  #error(code: ErrorCode, operation: string, message: string, details: object = {}): RejoinError {
    const told = { url: this.address, ...details }
    return new RejoinError(code, message, { operation, component, details: told })
  }
}

/** Whether a server has refused with one of these statuses. */
export function isStatus(error: unknown, statuses: readonly number[]): error is RejoinError {
  return error instanceof RejoinError && statuses.includes(error.details.status as number)
}

function isAbsent(error: unknown): boolean {
  if (isStatus(error, [404])) return true
  return isStatus(error, [500]) && /not found/i.test(String(error.details.said))
}

/** Where connections are the platform's, or somebody else's, they are not for us to end. */
interface Pool {
  readonly fetch: typeof fetch
  close?(): void
}

async function poolFor(given: typeof fetch | undefined, runtime: Runtime): Promise<Pool> {
  if (given !== undefined) return { fetch: given }
  try {
    const { pooledFetch } = await import('./node/pooled-fetch.ts')
    return pooledFetch({ runtime })
  } catch {
    // There is no Node here.
    return { fetch }
  }
}

function parsedJson(answer: string): unknown {
  try {
    return parseLossless(answer)
  } catch {
    return undefined
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'unavailable',
}
const component = 'cluster'
const where = { operation: 'open', component }
const mostBytes = 256 * 1024 * 1024

export const pivotCallsOptionNames: Known<PivotCallsOptions> = {
  address: true,
  originator: true,
  fetch: true,
  headers: true,
  timeout: true,
  headersTimeout: true,
  answerBytes: true,
  runtime: true,
}

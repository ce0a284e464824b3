import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { Calls, untilAborted } from '../remote/index.ts'
import type { Address } from './address.ts'
import { eventStreamType } from './event-stream.ts'
import { failureOf, noAnswer } from './failure.ts'
import { type GivenHeaders, headersOf } from './given-headers.ts'
import { gzipped } from './gzip.ts'
import { type ResponseLimits, readResponseBytes } from './response-body.ts'

export type HeaderSource = GivenHeaders | (() => GivenHeaders | Promise<GivenHeaders>)

export interface ExchangeOptions {
  readonly address: Address
  readonly fetch: typeof fetch
  readonly headers: HeaderSource | undefined
  readonly limits: ResponseLimits
  readonly compress: boolean
  readonly threshold: number
  readonly timeout: number
  readonly runtime: Runtime
}

export interface Outgoing {
  readonly operation: string
  /** Below the base. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Default: a redirect is an error. */
  readonly redirect?: 'follow' | 'manual'
}

export interface OutgoingStream extends Outgoing {
  /** An answer may begin only when there is something to tell: it is waited for without a limit. */
  readonly beginsLate?: true
}

export interface Incoming {
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** One request and its whole answer; every way it can fail becomes a `RejoinError`. */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #calls: Calls

  constructor(options: ExchangeOptions) {
    const { runtime, timeout } = options
    this.#options = options
    this.#calls = new Calls({ runtime, timeout, component: 'transport/http' })
  }

  /** Resolves for a 200. */
  send<T>(
    outgoing: Outgoing,
    outer: AbortSignal | undefined,
    read: (incoming: Incoming) => T,
  ): Promise<T> {
    return this.#calls.run(outgoing.operation, outer, async (signal) =>
      read(await this.#send(outgoing, signal)),
    )
  }

  /** An answer that goes on for as long as `read` takes from it. */
  stream<T>(
    outgoing: OutgoingStream,
    outer: AbortSignal,
    read: (response: Response, signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncIterable<T> {
    return this.#calls.stream(outgoing.operation, outer, (signal) =>
      this.#stream(outgoing, signal, read),
    )
  }

  close(): Promise<void> {
    return this.#calls.close()
  }

  async *#stream<T>(
    outgoing: OutgoingStream,
    signal: AbortSignal,
    read: (response: Response, signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void> {
    const { address, limits, runtime } = this.#options
    const { operation } = outgoing
    try {
      const response = await this.#begun(outgoing, signal)
      if (response.status !== 200) {
        const bytes = await readResponseBytes(response, limits, operation)
        throw failureOf(response, bytes, { operation, base: address.base, now: runtime.now() })
      }
      yield* read(response, signal)
    } catch (cause) {
      signal.throwIfAborted()
      throw noAnswer(operation, address.base, cause)
    }
  }

  /** The head of an answer. The signal ends its body as well, the time limit does not. */
  async #begun(outgoing: OutgoingStream, signal: AbortSignal): Promise<Response> {
    const { fetch, runtime, timeout } = this.#options
    const end = new AbortController()
    const follow = () => end.abort(signal.reason)
    signal.addEventListener('abort', follow, { once: true })
    const late = () => end.abort(noAnswerWithin(timeout, outgoing.operation))
    const timer = outgoing.beginsLate ? undefined : runtime.timer(timeout, late)
    try {
      const init = await this.#init(outgoing, end.signal)
      init.headers.set('accept', eventStreamType)
      init.headers.set('accept-encoding', 'identity')
      return await untilAborted(end.signal, fetch(this.#url(outgoing), init))
    } finally {
      timer?.cancel()
    }
  }

  async #send(outgoing: Outgoing, signal: AbortSignal): Promise<Incoming> {
    const { address, limits, runtime } = this.#options
    const { operation } = outgoing
    const init = await this.#init(outgoing, signal)
    let response: Response
    let bytes: Uint8Array
    try {
      // The bare function: a browser's fetch wants no `this`.
      const { fetch } = this.#options
      response = await fetch(this.#url(outgoing), init)
      bytes = await readResponseBytes(response, limits, operation)
    } catch (cause) {
      signal.throwIfAborted()
      throw noAnswer(operation, address.base, cause)
    }
    if (response.status === 200) return { bytes, headers: response.headers }
    throw failureOf(response, bytes, { operation, base: address.base, now: runtime.now() })
  }

  async #init(
    { body, redirect = 'manual' }: Outgoing,
    signal: AbortSignal,
  ): Promise<RequestInit & { readonly headers: Headers }> {
    const { compress, threshold } = this.#options
    const headers = await this.#headers(signal)
    headers.set('accept-encoding', compress ? 'gzip' : 'identity')
    // By default none: a redirected push may lose its body, and its credentials go astray.
    const init = { headers, signal, redirect, cache: 'no-store' } as const
    if (body === undefined) return init
    headers.set('content-type', body.type)
    if (!compress || body.bytes.byteLength < threshold)
      return { ...init, method: 'POST', body: body.bytes }
    headers.set('content-encoding', 'gzip')
    return { ...init, method: 'POST', body: await gzipped(body.bytes) }
  }

  async #headers(signal: AbortSignal): Promise<Headers> {
    const { headers: source, address } = this.#options
    const given = typeof source === 'function' ? untilAborted(signal, ask(source)) : source
    const headers = headersOf(await given)
    if (address.authorization !== undefined && !headers.has('authorization'))
      headers.set('authorization', address.authorization)
    return headers
  }

  #url({ path, query = {} }: Outgoing): string {
    const search = new URLSearchParams(query).toString()
    return `${this.#options.address.base}/${path}${search === '' ? '' : `?${search}`}`
  }
}

function noAnswerWithin(ms: number, operation: string): RejoinError {
  const where = { operation, component: 'transport/http' }
  return new RejoinError('timeout', `no answer within ${ms} ms`, where)
}

async function ask(source: () => HeadersInit | Promise<HeadersInit>): Promise<HeadersInit> {
  try {
    return await source()
  } catch (cause) {
    throw RejoinError.from(cause, {
      operation: 'headers',
      component: 'transport/http',
      code: 'unauthorized',
    })
  }
}

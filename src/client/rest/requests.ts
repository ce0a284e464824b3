import { abortSignal } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { atMost, collect } from '../../transport/http/bytes.ts'
import { Calls } from '../../transport/remote/index.ts'
import { type Asked, at, component } from '../where.ts'
import { noAnswer, notState, refusalOf } from './failure.ts'
import type { Token } from './token.ts'

export interface StateRequest {
  readonly operation: string
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE'
  /** What comes after the server's address, the slash included. */
  readonly target: string
  readonly body?: string
  /** Of the body; default JSON. */
  readonly type?: string
}

export interface RequestsOptions {
  readonly base: string
  readonly fetch: typeof fetch
  readonly token: Token
  /** Milliseconds. */
  readonly timeout: number
  readonly answerBytes: number
  readonly runtime: Runtime
}

/** What is not 2xx and still an answer: the call's own business. */
export interface StateAnswer {
  readonly status: number
  readonly text: string
  readonly asked: Asked
}

/** One request and its whole answer; every way it can fail becomes a `RejoinError`. */
export class Requests {
  readonly #options: RequestsOptions
  readonly #calls: Calls

  constructor(options: RequestsOptions) {
    const { runtime, timeout } = options
    this.#options = options
    this.#calls = new Calls({ runtime, timeout, component, name: 'client' })
  }

  /** Resolves for 2xx, and for the statuses that are `also` answers. */
  async send(
    request: StateRequest,
    outer: AbortSignal | undefined,
    also: readonly number[] = [],
  ): Promise<StateAnswer> {
    abortSignal(outer, at(request.operation))
    return this.#calls.run(request.operation, outer, (signal) => this.#send(request, signal, also))
  }

  close(): Promise<void> {
    return this.#calls.close()
  }

  async #send(
    { operation, method, target, body, type = 'application/json' }: StateRequest,
    signal: AbortSignal,
    also: readonly number[],
  ): Promise<StateAnswer> {
    // The bare function: a browser's fetch wants no `this`.
    const { base, fetch, token, runtime } = this.#options
    const asked = { operation, url: `${base}${target}` }
    const given = await token.now(signal)
    const headers = {
      ...(given !== undefined && { authorization: `Bearer ${given}` }),
      ...(body !== undefined && { 'content-type': type }),
    }
    const init = { method, headers, signal, redirect: 'manual', cache: 'no-store' } as const
    let response: Response
    let bytes: Uint8Array
    try {
      response = await fetch(asked.url, body === undefined ? init : { ...init, body })
      bytes = await this.#bytesOf(response, asked)
    } catch (cause) {
      signal.throwIfAborted()
      throw noAnswer(asked, cause)
    }
    const text = textOf(bytes, asked)
    const { status, ok } = response
    if (ok || also.includes(status)) return { status, text, asked }
    throw refusalOf(response, text, { ...asked, now: runtime.now() })
  }

  async #bytesOf({ body }: Response, { operation, url }: Asked): Promise<Uint8Array> {
    if (body === null) return new Uint8Array()
    const { answerBytes } = this.#options
    const over = () =>
      new RejoinError('too_large', `the answer of ${url} has more than ${answerBytes} bytes`, {
        operation,
        component,
        details: { url, limit: answerBytes },
      })
    return (await collect(body, { count: atMost(answerBytes, over) })).joined()
  }
}

function textOf(bytes: Uint8Array, asked: Asked): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw notState(asked, 'the answer is not UTF-8', cause)
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

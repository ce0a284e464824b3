import { RejoinError } from '../../../errors/index.ts'
import type { EventLimits } from '../../../event/index.ts'
import { membersOf } from '../../../json/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { encodeWireCursor } from '../../../version/index.ts'
import { firstValue } from '../compat/first-value.ts'
import type { VersionForm } from '../compat/versions.ts'
import { readCompatList } from '../compat/wire-event.ts'
import type { Exchange, Incoming, Outgoing } from '../exchange.ts'
import { type ListeningOptions, messagesOf } from '../incoming-stream.ts'
import { jsonType } from '../media.ts'
import { entryOf, type GoEntry } from './go-entry.ts'

/*
 * What go-sync-kit's server answers, v0.16 and later:
 *
 *   GET  latest-version                -> "42"
 *   POST pull-cursor {"since","limit"} -> {"events":[{"event":{…},"version":"1"},…],"next"?}
 *   GET  pull?since=41&limit=1000      -> [{"event":{…},"version":"42"},…]   where there is no pull-cursor;
 *                                         v0.16 takes no notice of the limit
 *   GET  sse?cursor={"kind":"integer","data":41}
 *                                      -> data: {"events":[{"event":{…},"version":"42"}],"next_cursor":…} …
 *   POST push [{"event":{…},"version":"1"},…]
 *                                      -> {"status":"ok"}, also for events that it drops
 */

export interface GoServerOptions {
  readonly exchange: Exchange
  readonly base: string
  readonly limits: EventLimits
  readonly runtime: Pick<Runtime, 'sha256'>
  readonly versions: VersionForm
  /** As of a stream that is listened to. */
  readonly listening: Pick<ListeningOptions, 'most' | 'silence' | 'runtime'>
}

/** The calls a Go server takes. Each rejects as the transport does. */
export class GoServer {
  readonly base: string
  readonly #options: GoServerOptions
  #hasCursorRoute = true
  #count = mostInPage

  constructor(options: GoServerOptions) {
    this.base = options.base
    this.#options = options
  }

  /** 0 for an empty log. Throws `protocol` when it is no JSON string, or no version. */
  latest(operation: string, signal: AbortSignal | undefined): Promise<bigint> {
    const request = { operation, path: 'latest-version' }
    return this.#send(request, signal, (answer) => {
      const said = this.#json(answer, operation)
      if (typeof said !== 'string') throw this.#refusing(operation, 'its version is no string')
      const version = this.#options.versions.parse(said)
      if (version !== undefined) return version
      throw new RejoinError(
        'protocol',
        `${this.base} has versions such as "${said.slice(0, 40)}", which are no numbers: give the option versions`,
        { operation, component: 'transport/http', details: { url: this.base, version: said } },
      )
    })
  }

  /** At most `count` entries after a version, ascending; fewer when the answer would be too large. */
  async entriesAfter(
    version: bigint,
    count: number,
    operation: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly GoEntry[]> {
    for (;;) {
      const limit = Math.min(count, this.#count)
      try {
        const page = await this.#page(version, limit, operation, signal)
        // Slowly: each answer that is too large again was sent for nothing.
        this.#count = Math.min(mostInPage, this.#count + Math.ceil(this.#count / 8))
        return page
      } catch (error) {
        if (!isCode(error, 'too_large') || limit === 1) throw error
        this.#count = Math.ceil(limit / 4)
      }
    }
  }

  /** Resolves for a 200, which is no promise that anything was stored. */
  push(events: string, signal: AbortSignal | undefined): Promise<void> {
    const body = { type: jsonType, bytes: new TextEncoder().encode(events) }
    return this.#send({ operation: 'push', path: 'push', body }, signal, () => {})
  }

  /**
   * What comes after a version, as the server tells of it. It begins to answer when there is something, and
   * without a cursor one of v0.16 breaks down.
   */
  async *stream(
    version: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly GoEntry[] | 'reset', void> {
    const { base } = this
    const { exchange, listening } = this.#options
    const operation = 'subscribe'
    const cursor = encodeWireCursor({ kind: 'integer', data: version })
    const request = { operation, path: 'sse', query: { cursor }, beginsLate: true } as const
    const read = (response: Response, inner: AbortSignal) =>
      messagesOf(response, { ...listening, base }, inner)
    for await (const { event, data } of exchange.stream(request, signal, read)) {
      // Only our own servers say so.
      if (event === 'reset') return yield 'reset'
      yield this.#pageEntries(this.#jsonIn(data, operation), operation)
    }
  }

  async #page(
    version: bigint,
    limit: number,
    operation: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly GoEntry[]> {
    if (this.#hasCursorRoute)
      try {
        return await this.#byCursor(version, limit, operation, signal)
      } catch (error) {
        // An older server, or a store whose versions are not numbers to it.
        if (!isStatus(error, [400, 404, 405])) throw error
        this.#hasCursorRoute = false
      }
    return this.#byVersion(version, limit, operation, signal)
  }

  #byCursor(
    version: bigint,
    limit: number,
    operation: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly GoEntry[]> {
    const since = encodeWireCursor({ kind: 'integer', data: version })
    const bytes = new TextEncoder().encode(`{"since":${since},"limit":${limit}}`)
    const request = { operation, path: 'pull-cursor', body: { type: jsonType, bytes } }
    return this.#send(request, signal, (answer) => {
      return this.#pageEntries(this.#text(answer, operation), operation)
    })
  }

  #pageEntries(text: string, operation: string): readonly GoEntry[] {
    if (!text.startsWith('{')) throw this.#refusing(operation, 'its page is no object')
    for (const { key, from, to } of membersOf(text, 0))
      if (key === 'events') return this.#entries(text, { from, to }, operation)
    return []
  }

  #byVersion(
    version: bigint,
    limit: number,
    operation: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly GoEntry[]> {
    const since = this.#options.versions.format(version)
    const request = { operation, path: 'pull', query: { since, limit: String(limit) } }
    return this.#send(request, signal, (answer) => {
      const text = this.#text(answer, operation)
      return this.#entries(text, { from: 0, to: text.length }, operation)
    })
  }

  #send<T>(
    request: Outgoing,
    signal: AbortSignal | undefined,
    read: (answer: Incoming) => T,
  ): Promise<T> {
    return this.#options.exchange.send({ ...request, redirect: 'follow' }, signal, read)
  }

  #entries(
    text: string,
    list: { readonly from: number; readonly to: number },
    operation: string,
  ): readonly GoEntry[] {
    const { limits, runtime, versions } = this.#options
    try {
      return readCompatList(text, list, { limits, runtime }).map((one) => entryOf(one, versions))
    } catch (cause) {
      throw this.#refusing(operation, (cause as Error).message, cause)
    }
  }

  #json(answer: Incoming, operation: string): unknown {
    return JSON.parse(this.#text(answer, operation))
  }

  /** The JSON that an answer begins with: valid, whatever it says. */
  #text({ bytes }: Incoming, operation: string): string {
    let text: string
    try {
      text = decoder.decode(bytes)
    } catch (cause) {
      throw this.#refusing(operation, 'the answer is not JSON', cause)
    }
    return this.#jsonIn(text, operation)
  }

  #jsonIn(text: string, operation: string): string {
    try {
      return firstValue(text)
    } catch (cause) {
      throw this.#refusing(operation, 'the answer is not JSON', cause)
    }
  }

  #refusing(operation: string, problem: string, cause?: unknown): RejoinError {
    const message = `${this.base} does not answer as go-sync-kit does: ${problem}`
    const where = { operation, component: 'transport/http' }
    return new RejoinError('protocol', message, { ...where, cause, details: { url: this.base } })
  }
}

/** Whether the remote refused with one of these statuses. */
export function isStatus(error: unknown, statuses: readonly number[]): error is RejoinError {
  return error instanceof RejoinError && statuses.includes(error.details.status as number)
}

function isCode(error: unknown, code: RejoinError['code']): boolean {
  return error instanceof RejoinError && error.code === code
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Go answers 200 of them to whoever asks for more. */
const mostInPage = 1_000

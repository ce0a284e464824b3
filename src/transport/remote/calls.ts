import { RejoinError } from '../../errors/index.ts'
import { type Runtime, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from './interruptible.ts'

export interface CallsOptions {
  readonly runtime: Runtime
  /** The room, for errors. */
  readonly component: string
  /** What is closed, in words; default `transport`. */
  readonly name?: string
  /** Milliseconds one call may take; none without it. */
  readonly timeout?: number
}

/**
 * The calls of one transport that are under way. Each ends with its result, with its caller's reason when
 * that aborts, with `timeout`, or with `closed`.
 */
export class Calls {
  readonly #options: CallsOptions
  readonly #open = new Set<{ readonly end: AbortController; readonly done: Promise<unknown> }>()
  readonly #streams = new Set<AbortController>()
  #closed = false

  constructor(options: CallsOptions) {
    this.#options = options
  }

  async run<T>(
    operation: string,
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#closed) throw this.#closedFor(operation)
    outer?.throwIfAborted()
    const end = new AbortController()
    const follow = () => end.abort(outer?.reason)
    outer?.addEventListener('abort', follow, { once: true })
    const done = this.#timed(operation, end.signal, work)
    const call = { end, done }
    this.#open.add(call)
    try {
      return await done
    } finally {
      this.#open.delete(call)
      outer?.removeEventListener('abort', follow)
    }
  }

  /**
   * What goes on for as long as it is read: it has no timeout, and ends when its caller's signal aborts or
   * the transport closes.
   */
  async *stream<T>(
    operation: string,
    outer: AbortSignal,
    open: (signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void> {
    if (this.#closed) throw this.#closedFor(operation)
    outer.throwIfAborted()
    const end = new AbortController()
    const follow = () => end.abort(outer.reason)
    outer.addEventListener('abort', follow, { once: true })
    this.#streams.add(end)
    try {
      yield* open(end.signal)
    } finally {
      this.#streams.delete(end)
      outer.removeEventListener('abort', follow)
    }
  }

  /** Calls and streams under way reject with `closed`; resolves when all calls have. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    const open = [...this.#open]
    for (const end of [...open.map((call) => call.end), ...this.#streams])
      end.abort(this.#error('closed', 'close', `the ${this.#name} was closed during the call`))
    await Promise.allSettled(open.map(({ done }) => done))
  }

  #timed<T>(
    operation: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { runtime, timeout } = this.#options
    if (timeout === undefined) return untilAborted(signal, work(signal))
    const late = () => this.#error('timeout', operation, `no answer within ${timeout} ms`)
    return withDeadline(runtime, timeout, signal, late, (inner) => untilAborted(inner, work(inner)))
  }

  get #name(): string {
    return this.#options.name ?? 'transport'
  }

  #closedFor(operation: string): RejoinError {
    return this.#error('closed', operation, `the ${this.#name} is closed`)
  }

  #error(code: 'closed' | 'timeout', operation: string, message: string): RejoinError {
    return new RejoinError(code, message, { operation, component: this.#options.component })
  }
}

import { RejoinError } from '../errors/index.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import type { Gate } from './gate.ts'

export interface TurnsOptions {
  readonly name: string
  readonly runtime: Runtime
  readonly logger?: Logger
  readonly gate: Gate
  /** One turn: brings what is behind up to date. */
  readonly work: (signal: AbortSignal) => Promise<void>
  /** Whether to try again by itself after this. */
  readonly isPassing: (error: unknown) => boolean
}

/** How the last turn ended, if not well. */
export interface Trouble {
  readonly error: RejoinError
  /** It is tried again by itself. */
  readonly isPassing: boolean
}

/**
 * The turns of one worker, one after the other:
 *
 *     idle ──wake, run──▶ at work ──done──▶ idle
 *                            │ ▲
 *                    trouble ▼ │ after a pause, if it may pass; else at the next run
 *                          waiting
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #closing = new AbortController()
  #tail: Promise<unknown> = Promise.resolve()
  #isWoken = false
  #atWork = 0
  #trouble: Trouble | undefined

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  get isAtWork(): boolean {
    return this.#atWork > 0
  }

  /** There may be something to do. Nothing happens while it stands still. */
  wake(): void {
    if (this.#isWoken || this.#closing.signal.aborted) return
    if (this.#trouble !== undefined && !this.#trouble.isPassing) return
    this.#isWoken = true
    const { logger = silentLogger, name, work } = this.#options
    this.#next(this.#closing.signal, (signal) => {
      this.#isWoken = false
      return work(signal)
    }).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) logger.error(`${name} stands still`, { error })
    })
  }

  /** Does `work`, or a turn, after those that were asked for before; rejects with what it throws. */
  run(
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<void> = this.#options.work,
  ): Promise<void> {
    const { signal: closing } = this.#closing
    const signal = outer === undefined ? closing : AbortSignal.any([outer, closing])
    return untilAborted(signal, this.#next(signal, work))
  }

  /** Idempotent. What is under way is called off; resolves when it has ended. */
  async close(reason: unknown): Promise<void> {
    this.#closing.abort(reason)
    await this.#tail
  }

  #next(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const turn = this.#tail.then(() => this.#until(signal, work))
    this.#tail = turn.catch(() => {})
    return turn
  }

  async #until(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { gate, name, logger = silentLogger, isPassing } = this.#options
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted()
      this.#atWork++
      try {
        await gate.through(async () => {
          signal.throwIfAborted()
          await work(signal)
        })
        this.#trouble = undefined
        return
      } catch (cause) {
        signal.throwIfAborted()
        const error = RejoinError.from(cause, { operation: 'run', component: 'projection' })
        this.#trouble = { error, isPassing: isPassing(cause) }
        if (!this.#trouble.isPassing) throw error
        logger.warn(`${name} is tried again`, { error, failures: failures + 1 })
      } finally {
        this.#atWork--
      }
      await this.#pause(failures, signal)
    }
  }

  /** A random part of a wait that doubles. Does not keep the process alive. */
  #pause(failures: number, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options
    const longest = Math.min(firstPause * 2 ** failures, longestPause)
    const ms = Math.ceil(longest / 2 + (runtime.random() * longest) / 2)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = runtime.timer(ms, resolve)
    return untilAborted(signal, promise).finally(() => timer.cancel())
  }
}

const firstPause = 100
const longestPause = 60_000

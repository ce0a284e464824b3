import { askedPatience } from '../link/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import type { SyncResult } from './sync-result.ts'

export interface AutoSyncOptions {
  /** Milliseconds from the end of one sync to the beginning of the next. */
  readonly interval: number
  readonly sync: () => Promise<SyncResult>
  readonly runtime: Pick<Runtime, 'timer' | 'random'>
  readonly logger: Logger
}

/**
 * Syncs again and again:
 *
 *     start ──▶ waiting ──interval──▶ syncing ──▶ waiting …
 *
 * After a failure the wait is the interval and a random part of what a doubling would add (up to five
 * minutes in all), and no less than the remote asked for; after a success it is the interval again.
 */
export class AutoSync {
  readonly #options: AutoSyncOptions
  #running: Running | undefined
  #failures = 0

  constructor(options: AutoSyncOptions) {
    this.#options = options
  }

  /** The first sync comes after one interval. Does nothing while it runs. */
  start(signal: AbortSignal | undefined): void {
    if (this.#running !== undefined) return
    const stop = () => this.stop()
    signal?.addEventListener('abort', stop, { once: true })
    const running: Running = {
      timer: undefined,
      forget: () => signal?.removeEventListener('abort', stop),
    }
    this.#running = running
    this.#failures = 0
    this.#wait(running, this.#options.interval)
  }

  /** No further sync begins; one under way goes on. Idempotent. */
  stop(): void {
    const running = this.#running
    this.#running = undefined
    running?.timer?.cancel()
    running?.forget()
  }

  #wait(running: Running, ms: number): void {
    running.timer = this.#options.runtime.timer(ms, () => void this.#turn(running))
  }

  async #turn(running: Running): Promise<void> {
    const { sync, logger } = this.#options
    let patience = 0
    try {
      const { errors } = await sync()
      const failed = errors.some((error) => !isAboutEvents(error))
      this.#failures = failed ? this.#failures + 1 : 0
      patience = Math.max(0, ...errors.map(askedPatience))
    } catch (error) {
      this.#failures++
      if (this.#running === running) logger.warn('an automatic sync was ended', { error })
    }
    if (this.#running !== running) return
    this.#wait(running, Math.max(this.#pause(), patience))
  }

  #pause(): number {
    const { interval, runtime } = this.#options
    const ceiling = Math.max(interval, Math.min(interval * 2 ** this.#failures, longestPause))
    return Math.round(interval + runtime.random() * (ceiling - interval))
  }
}

interface Running {
  timer: Timer | undefined
  /** Lets go of the caller's signal. */
  readonly forget: () => void
}

/** Refused events stay refused: the rest was synced, and is not to wait for them. */
function isAboutEvents({ code }: { readonly code: string }): boolean {
  return code === 'rejected'
}

const longestPause = 5 * 60_000

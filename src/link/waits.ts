import type { Runtime, Timer } from '../runtime/index.ts'
import { Backoff, type BackoffPolicy, mostPatience } from './backoff.ts'

export interface WaitsOptions {
  readonly runtime: Pick<Runtime, 'now' | 'monotonic' | 'timer' | 'random'>
  readonly policy: BackoffPolicy
  /** The wait is over. */
  readonly onDue: () => void
}

/** The one wait that a link is in, if any: how long it is, and how far it may be shortened. Milliseconds. */
export class Waits {
  readonly #options: WaitsOptions
  readonly #backoff: Backoff
  #timer: { readonly timer: Timer; readonly due: number } | undefined
  /** When the wait is over, by the wall clock, as it was told last. */
  #told = 0
  /** When the last attempt began: of the monotonic clock, and of the wall. */
  #attempted = Number.NEGATIVE_INFINITY
  #attemptedAt = 0
  #patientUntil = Number.NEGATIVE_INFINITY

  constructor(options: WaitsOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.policy, options.runtime)
  }

  /** When the next attempt is, since 1970; the last one, while that is under way. */
  get next(): number {
    if (this.#timer === undefined) return this.#attemptedAt
    const { runtime } = this.#options
    const next = Math.round(runtime.now() + this.#timer.due - runtime.monotonic())
    // The two clocks tick apart, which would look like another attempt each time; only a clock that was set is news.
    if (Math.abs(next - this.#told) > clockSet) this.#told = next
    return this.#told
  }

  /** An attempt begins. */
  attempt(): void {
    this.cancel()
    this.#attempted = this.#options.runtime.monotonic()
    this.#attemptedAt = this.#options.runtime.now()
  }

  cancel(): void {
    this.#timer?.timer.cancel()
    this.#timer = undefined
  }

  /** Up to a tenth less: who began together does not go on together. */
  about(ms: number): void {
    this.#wait(Math.round(ms - (this.#options.runtime.random() * ms) / 10))
  }

  /** A wait that is under way ends after so long, if it is longer. */
  atMost(ms: number): void {
    if (this.#timer !== undefined && this.#timer.due > this.#options.runtime.monotonic() + ms)
      this.#wait(ms)
  }

  /** Longer after each failure in a row, and as long as the remote asks for. */
  afterFailure(asked: number): void {
    if (asked > 0)
      this.#patientUntil = this.#options.runtime.monotonic() + Math.min(asked, mostPatience)
    this.#wait(this.#backoff.failed(asked))
  }

  /** As far as the remote's patience and a pause between attempts allow. */
  shorten(): void {
    const earliest = Math.max(this.#patientUntil, this.#attempted + leastPause)
    const due = Math.min(this.#timer?.due ?? earliest, earliest)
    this.#wait(Math.max(0, due - this.#options.runtime.monotonic()))
  }

  /** The remote answers: what it asked for before is over. */
  forgetPatience(): void {
    this.#patientUntil = Number.NEGATIVE_INFINITY
  }

  /** The next failure is the first one again. */
  forgetFailures(): void {
    this.#backoff.reset()
  }

  #wait(ms: number): void {
    this.cancel()
    const { runtime, onDue } = this.#options
    const due = runtime.monotonic() + ms
    const timer = runtime.timer(ms, () => {
      this.#timer = undefined
      onDue()
    })
    this.#timer = { timer, due }
    this.#told = Math.round(runtime.now() + ms)
  }
}

/** From one attempt to the next, however many hints come. */
const leastPause = 250
/** Milliseconds by which a clock is not merely ticking. */
const clockSet = 1_000

/**
 * How often something that others replace is written again: once at once, and then after a wait that doubles with each
 * further time, from a second to ten minutes, so that two who want different things there do not write all the time.
 * Once it has been left alone for twice as long as the last wait, and a minute at least, that begins anew.
 */
export class Rewriting {
  readonly #now: () => number
  #wait = 0
  #last: number | undefined

  /** `now`: monotonic, milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Milliseconds until it may be written. */
  get due(): number {
    if (this.#last === undefined) return 0
    return Math.max(0, this.#last + this.#wait - this.#now())
  }

  /** It was written. */
  written(): void {
    const now = this.#now()
    const isFirst =
      this.#last === undefined || now - this.#last >= Math.max(leastQuiet, 2 * this.#wait)
    this.#wait = isFirst ? 0 : Math.min(Math.max(firstWait, 2 * this.#wait), longestWait)
    this.#last = now
  }
}

/** Milliseconds. */
const firstWait = 1_000
const longestWait = 10 * 60_000
const leastQuiet = 60_000

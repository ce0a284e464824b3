import type { Runtime } from '../runtime/index.ts'

/**
 * How long a flushed commit waits for others to share it. A writer who is alone waits for one turn of the loop. While
 * there have lately been several, who were all told at once and come back one after the other, it waits until as
 * many are here; for the next of them at most half of what a commit takes. Without that the first to come back goes
 * with few, and the rest wait for a flush of their own.
 */
export class Gathering {
  readonly #runtime: Pick<Runtime, 'soon' | 'monotonic'>
  /** Calls in a commit, lately. */
  #usual = 1
  /** Milliseconds of a commit, lately. */
  #cost = 0

  constructor(runtime: Pick<Runtime, 'soon' | 'monotonic'>) {
    this.#runtime = runtime
  }

  /** Resolves when it is time to begin. `waiting`: how many calls there are. */
  async gather(waiting: () => number): Promise<void> {
    const runtime = this.#runtime
    let here = 0
    let until = 0
    do {
      if (waiting() > here) {
        here = waiting()
        until = runtime.monotonic() + Math.min(this.#cost / 2, longest)
      }
      await new Promise<void>((resolve) => runtime.soon(resolve))
    } while (waiting() < this.#usual && runtime.monotonic() < until)
  }

  /** Commits, and learns from it. */
  async commit(calls: number, work: () => Promise<void>): Promise<void> {
    const begin = this.#runtime.monotonic()
    await work()
    this.#cost = (this.#cost + this.#runtime.monotonic() - begin) / 2
    this.#usual = Math.max(calls, Math.ceil((this.#usual + calls) / 2 - 1))
  }
}

/** Milliseconds. On a disk that takes longer to flush, waiting for more of that gains nothing. */
const longest = 2

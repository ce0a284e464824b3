import type { Runtime } from '../runtime/index.ts'

/** Whether streams last, and how often both ends found each other changed since one that did. */
export class Steadiness {
  readonly #runtime: Pick<Runtime, 'monotonic'>
  #joined: number | undefined
  #agains = 0

  constructor(runtime: Pick<Runtime, 'monotonic'>) {
    this.#runtime = runtime
  }

  /** The stream in question has lasted long enough to count as one that works. */
  get hasLasted(): boolean {
    return this.#joined !== undefined && this.#runtime.monotonic() - this.#joined >= steady
  }

  /** A stream is asked for, and its first page is not here yet. */
  asked(): void {
    this.#joined = undefined
  }

  joined(): void {
    this.#joined = this.#runtime.monotonic()
  }

  /** One end is not what the other took it for, once more; answers whether that is too often by now. */
  again(): boolean {
    this.#agains = this.hasLasted ? 0 : this.#agains + 1
    return this.#agains > mostAgains
  }
}

/** Milliseconds. */
const steady = 10_000
const mostAgains = 5

/**
 * Lets concurrent callers share one run. A caller whose signal aborts leaves; when the last one has left,
 * the run itself is aborted.
 */
export class SharedRun<T> {
  readonly #controller = new AbortController()
  readonly #result: Promise<T>
  #waiting = 0

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#controller.signal)
    this.#result.catch(() => {}) // every caller may have left
  }

  /** Settles when the run has ended, whatever came of it. */
  get ended(): Promise<unknown> {
    return this.#result.catch(() => {})
  }

  /** No new caller should join: everyone has left. */
  get abandoned(): boolean {
    return this.#controller.signal.aborted
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }

  async join(signal: AbortSignal | undefined): Promise<T> {
    if (signal === undefined) {
      this.#waiting++
      return this.#result
    }
    signal.throwIfAborted()
    this.#waiting++
    let leave = (): void => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        reject(signal.reason)
        if (--this.#waiting === 0) this.#controller.abort(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
    })
    try {
      return await Promise.race([this.#result, left])
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }
}

/** Wakes everyone who waits for the next commit. */
export class Watchers {
  #waiting = new Set<() => void>()
  #commits = 0
  #closed = false

  wake(): void {
    this.#commits++
    if (this.#waiting.size === 0) return
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const resume of waiting) resume()
  }

  close(): void {
    this.#closed = true
    this.wake()
  }

  /**
   * Yields once for all commits since this call or the last yield; ends when the signal aborts or the store
   * closes.
   */
  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#commitsAfter(this.#commits, signal)
  }

  async *#commitsAfter(from: number, signal: AbortSignal): AsyncIterable<void> {
    let seen = from
    let resume = () => {}
    const stop = () => {
      this.#waiting.delete(resume)
      resume()
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      while (!signal.aborted && !this.#closed) {
        if (seen === this.#commits)
          await new Promise<void>((resolve) => {
            resume = resolve
            this.#waiting.add(resume)
          })
        if (signal.aborted || this.#closed) return
        seen = this.#commits
        yield
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

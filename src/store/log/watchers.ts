/** Wakes everyone who waits for the next commit. */
export class Watchers {
  #waiting = new Set<() => void>()
  #commits = 0
  #closed = false

  wake(): void {
    this.#commits++
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
    while (!signal.aborted && !this.#closed) {
      if (seen === this.#commits) await this.#next(signal)
      if (signal.aborted || this.#closed) return
      seen = this.#commits
      yield
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = () => {
        signal.removeEventListener('abort', resume)
        this.#waiting.delete(resume)
        resolve()
      }
      signal.addEventListener('abort', resume, { once: true })
      this.#waiting.add(resume)
    })
  }
}

/** Work under way, in eras: all that was begun in one is called off together. */
export class Eras {
  readonly #working = new Set<Promise<void>>()
  #current = new AbortController()

  /** Aborts when what is begun now is called off. */
  get current(): AbortSignal {
    return this.#current.signal
  }

  /** `failed` is told of what it rejects with, unless it was called off. */
  begin(work: (signal: AbortSignal) => Promise<void>, failed: (cause: unknown) => void): void {
    const signal = this.current
    const done = work(signal).catch((cause: unknown) => {
      if (!signal.aborted) failed(cause)
    })
    this.#working.add(done)
    void done.then(() => this.#working.delete(done))
  }

  /** What was begun is called off, and another era begins. */
  callOff(): void {
    this.#current.abort(calledOff)
    this.#current = new AbortController()
  }

  /** Resolves when all that was begun has ended, also what was called off. */
  async ended(): Promise<void> {
    await Promise.all(this.#working)
  }
}

const calledOff = new Error('the link goes on to something else')

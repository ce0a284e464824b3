/** Who is told whenever something may be different now. */
export class Changes {
  readonly #listeners = new Set<() => void>()

  /** Answers with a way to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Resolves at the next one. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.listen(() => {
        stop()
        resolve()
      })
    })
  }

  tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/**
 * Stands between one life of a process and the world. Once it is down, nothing reaches that life any more:
 * its timers never fire and what it awaits never settles, so its code stops where it stood, as after
 * `kill -9`.
 */
export class Fence {
  #down = false
  readonly #listeners = new Set<() => void>()

  get isDown(): boolean {
    return this.#down
  }

  drop(): void {
    if (this.#down) return
    this.#down = true
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }

  /** Calls back when it goes down: what others come to notice of it. Gives back how to stop listening. */
  onDrop(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back unless the fence is down by then. */
  guard<Args extends readonly unknown[]>(
    callback: (...args: Args) => void,
  ): (...args: Args) => void {
    return (...args) => {
      if (!this.#down) callback(...args)
    }
  }

  /** Settles as the promise does, unless the fence is down by then. */
  hold<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(this.guard(resolve), this.guard(reject))
    })
  }
}

/** What a call through a fence that is down gives back. */
export function never<T>(): Promise<T> {
  return new Promise(() => {})
}

/** One piece of work at a time for each name, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async during<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#last.set(name, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(name) === turn) this.#last.delete(name)
    }
  }
}

/** Works on all of them, a few at a time; after the first that fails, no more are begun. */
export async function eachOf<T>(
  items: readonly T[],
  most: number,
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  let next = 0
  let hasFailed = false
  const run = async () => {
    while (next < items.length && !hasFailed) {
      const at = next++
      try {
        await work(items[at] as T, at)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  const runs = Array.from({ length: Math.min(most, items.length) }, run)
  const outcomes = await Promise.allSettled(runs)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

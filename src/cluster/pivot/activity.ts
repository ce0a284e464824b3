import { isGlob, Patterns, type StateStorage, timeOf } from '../../contracts/index.ts'
import type { Position } from '../../version/index.ts'

/**
 * The greatest time of a write or delete under each of a storage's keys. Reads each change once, as it comes to
 * the end of the feed: to ask again costs what has changed since, however much is stored (K3).
 */
export class Activity {
  readonly #storage: StateStorage
  readonly #latest = new Patterns<Latest>()
  #read = 0n as Position
  #line: Promise<void> = Promise.resolve()

  constructor(storage: StateStorage, patterns: readonly string[]) {
    this.#storage = storage
    for (const pattern of patterns) this.#latest.set(pattern, { time: 0n })
  }

  /** Nanoseconds since 1970; 0 when there was never anything. */
  async of(pattern: string, signal?: AbortSignal): Promise<bigint> {
    const turn = this.#line.then(() => this.#catchUp(signal))
    this.#line = turn.catch(() => {})
    await turn
    const latest = this.#latest.get(pattern)?.time ?? 0n
    const collected = isGlob(pattern) ? await this.#collected(pattern, signal) : 0n
    return latest > collected ? latest : collected
  }

  async #catchUp(signal: AbortSignal | undefined): Promise<void> {
    for (let more = true; more; ) {
      const page = await this.#storage.feed({ after: this.#read }, signal)
      for (const row of page.rows) {
        const time = timeOf(row)
        for (const latest of this.#latest.matching(row.path))
          if (time > latest.time) latest.time = time
      }
      this.#read = page.next
      more = page.more
    }
  }

  /** Of deletes whose tombstones are gone. */
  async #collected(list: string, signal: AbortSignal | undefined): Promise<bigint> {
    // What is asked of a path in a list is known of the list as a whole.
    const { found } = await this.#storage.rows([list], signal)
    return found[0]?.collected ?? 0n
  }
}

interface Latest {
  time: bigint
}

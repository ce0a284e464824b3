import { HybridClock, type Stamp } from '../clock/index.ts'
import type { Runtime } from '../runtime/index.ts'

/** The times of a tree's writes: each above what it replaces, no two the same. */
export class StateClock {
  readonly #clock: HybridClock
  /** Times given out ahead of the clock, above objects of somebody whose clock is. */
  readonly #ahead = new Set<bigint>()

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#clock = new HybridClock(runtime)
  }

  /** The last tick that was not above somebody else's: what a storage keeps, to go on from. */
  get last(): Stamp {
    return this.#clock.last
  }

  /** Goes on after what a storage has seen. */
  resume(time: bigint): void {
    this.#clock.resume(time)
  }

  /** Throws `clock` beyond the year 2200. */
  tick(above = 0n): Stamp {
    let stamp = this.#clock.tick(above)
    while (this.#ahead.has(stamp)) stamp = this.#clock.tick(stamp)
    if (stamp > this.#clock.last) this.#remember(stamp)
    return stamp
  }

  #remember(stamp: bigint): void {
    this.#ahead.add(stamp)
    if (this.#ahead.size > mostRemembered)
      this.#ahead.delete(this.#ahead.values().next().value as bigint)
  }
}

const mostRemembered = 10_000

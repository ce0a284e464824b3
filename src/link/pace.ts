/** Changes in the first batch of a sync, unless a count is asked for. */
const firstCount = 100
/** As many as the count grows to, unless the remote takes fewer. */
export const mostCount = 2_000

export interface BatchSize {
  readonly count: number
  readonly bytes: number
}

/**
 * The size of the next batch in one direction. Given a `greeting` (how many milliseconds the remote took for
 * one), it begins small and doubles while batches are quick, so that the first result is there at once and
 * a long log doesn't wait for round trips; it halves when they are slow, so that an abort, a progress bar
 * and the store's other callers never wait long, and goes below where it began only when they are very slow. Without one, the size is fixed.
 *
 * Slow is what a batch takes beyond a bare round trip: on a long way every batch takes long, and smaller
 * ones would only be more of them.
 */
export class Pace implements BatchSize {
  readonly bytes: number
  count: number
  readonly #most: number
  #roundTrip: number | undefined

  constructor({ count, bytes }: BatchSize, greeting?: number) {
    this.bytes = bytes
    this.#most = count
    this.#roundTrip = greeting
    this.count = greeting === undefined ? count : Math.min(firstCount, count)
  }

  /** Learns from a batch: how many changes it brought, and its milliseconds. */
  took(changes: number, milliseconds: number): void {
    if (this.#roundTrip === undefined || changes === 0) return
    this.#roundTrip = Math.min(this.#roundTrip, milliseconds)
    const work = milliseconds - this.#roundTrip
    // A batch that ended early, by its bytes or with the log, says nothing of a larger one.
    if (work < quick && changes >= this.count) this.count = Math.min(this.count * 2, this.#most)
    else if (work > slow) this.#halve(changes, work)
  }

  #halve(changes: number, work: number): void {
    // A busy machine has slow moments: they are no reason for batches that cost more than they bring.
    const least = work > verySlow ? 1 : Math.min(firstCount, this.count)
    this.count = Math.max(least, Math.floor(Math.min(this.count, changes) / 2))
  }
}

/** Milliseconds of work; twice as much, after doubling, is still not slow. */
const quick = 50
const slow = 100
/** A way or a device that takes this long for a batch might not get a larger one through in time. */
const verySlow = 1_000

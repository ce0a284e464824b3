/**
 * What nodes of the original are told of a key's activity, where its greatest time alone would hide something: they
 * pull when it is greater than their own, which the greatest time is not when
 *
 * - what came late was written long ago: whoever has heard of something newer would never look;
 * - a node has written or deleted something later than all that it has not seen.
 */
export class ActivityLifts {
  readonly #shown = new Map<string, bigint>()
  readonly #lifts = new Map<string, bigint>()
  readonly #changed = new Set<string>()

  /** Something has come: what is shown next is greater than all that was shown before. */
  changed(key: string): void {
    this.#changed.add(key)
  }

  /** Whether nodes have heard of something as new as this. */
  isLate(key: string, time: bigint): boolean {
    return time <= (this.#shown.get(key) ?? 0n)
  }

  /** What is shown from now on is greater than this. */
  over(key: string, activity: bigint): void {
    if (activity >= (this.#lifts.get(key) ?? 0n)) this.#lifts.set(key, activity + 1n)
  }

  /** `latest`: the greatest time under the key. */
  shown(key: string, latest: bigint): bigint {
    const before = this.#shown.get(key) ?? 0n
    if (this.#changed.delete(key) && this.#lifted(key, latest) <= before) this.over(key, before)
    const now = this.#lifted(key, latest)
    if (now > before) this.#shown.set(key, now)
    return now
  }

  #lifted(key: string, latest: bigint): bigint {
    const lift = this.#lifts.get(key) ?? 0n
    return lift > latest ? lift : latest
  }
}

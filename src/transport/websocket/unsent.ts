/** Something that holds bytes until its reader takes them, and can be given up. */
export interface Holder {
  /** Bytes that are held now. */
  readonly held: number
  drop(): void
}

/**
 * What all connections together have handed to their sockets and not got rid of. Beyond the limit the one
 * that holds most is dropped: its reader comes back and goes on from its cursor.
 */
export class Unsent {
  readonly #limit: number
  readonly #known = new Map<Holder, number>()
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What this one holds has changed. */
  update(holder: Holder): void {
    this.#count(holder, holder.held)
    if (this.#bytes > this.#limit) this.#dropLargest()
  }

  forget(holder: Holder): void {
    this.#count(holder, 0)
  }

  #count(holder: Holder, bytes: number): void {
    this.#bytes += bytes - (this.#known.get(holder) ?? 0)
    if (bytes === 0) this.#known.delete(holder)
    else this.#known.set(holder, bytes)
  }

  #dropLargest(): void {
    let largest: Holder | undefined
    let most = 0
    for (const [holder, bytes] of this.#known) {
      if (bytes <= most) continue
      largest = holder
      most = bytes
    }
    if (largest === undefined) return
    this.forget(largest)
    largest.drop()
  }
}

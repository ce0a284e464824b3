import type { Random } from './random.ts'

/** The bytes of one file: those that are flushed, and after them those a crash may take. */
export class DiskFile {
  #bytes: Uint8Array
  #length: number
  #flushed: number

  constructor(durable: Uint8Array = new Uint8Array(0)) {
    this.#bytes = durable.slice()
    this.#length = durable.length
    this.#flushed = durable.length
  }

  get length(): number {
    return this.#length
  }

  get unflushed(): number {
    return this.#length - this.#flushed
  }

  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length, 1024))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = needed
  }

  /** Everything before `length` is safe from now on. */
  flushTo(length: number): void {
    this.#flushed = Math.max(this.#flushed, Math.min(length, this.#length))
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length)
    this.#flushed = Math.min(this.#flushed, length)
  }

  contents(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  durable(): Uint8Array {
    return this.#bytes.slice(0, this.#flushed)
  }

  /** What a power cut at this moment leaves behind: all that is flushed, and of the rest what luck decides. */
  afterCrash(random: Random): Wreck {
    const fate = this.unflushed === 0 ? 'whole' : random.pick(fates)
    const kind = this.unflushed === 1 && fate !== 'whole' ? 'lost' : fate
    if (kind === 'whole') return { kind, bytes: this.contents() }
    if (kind === 'lost') return { kind, bytes: this.durable() }
    const cut = this.#flushed + random.int(1, this.unflushed - 1)
    if (kind === 'torn') return { kind, bytes: this.#bytes.slice(0, cut) }
    const bytes = this.contents()
    const end = random.int(cut + 1, bytes.length)
    // Sectors reach the platter in any order: what lies before and after the hole may be there.
    bytes.set(random.chance(0.5) ? new Uint8Array(end - cut) : random.bytes(end - cut), cut)
    return { kind: 'torn', bytes }
  }
}

/** A file after a crash, and what became of the bytes that were not flushed. */
export interface Wreck {
  readonly kind: 'whole' | 'lost' | 'torn'
  readonly bytes: Uint8Array
}

const fates = ['whole', 'lost', 'lost', 'torn', 'garbage'] as const

/** Is told of every piece of memory before it is taken, and throws to refuse it. */
export type Reserve = (bytes: number) => void

/**
 * Bytes as they come in. Large pieces are kept as they are; small ones are gathered in blocks, so that a
 * body that comes byte by byte does not cost an object a byte.
 */
export class Blocks {
  readonly #reserve: Reserve
  readonly #full: Uint8Array<ArrayBuffer>[] = []
  #block = nothing
  #used = 0
  #length = 0

  constructor(reserve: Reserve) {
    this.#reserve = reserve
  }

  add(piece: Uint8Array<ArrayBuffer>): void {
    if (ownsItsMemory(piece)) this.#keep(piece)
    else this.#gather(piece)
    this.#length += piece.byteLength
  }

  /** Nothing comes after it, so that it is not kept for long. */
  addLast(piece: Uint8Array<ArrayBuffer>): void {
    this.#reserve(piece.byteLength)
    this.#close(0)
    this.#full.push(piece)
    this.#length += piece.byteLength
  }

  *[Symbol.iterator](): Generator<Uint8Array<ArrayBuffer>> {
    yield* this.#full
    yield this.#block.subarray(0, this.#used)
  }

  /** Everything, in one piece. */
  joined(): Uint8Array<ArrayBuffer> {
    const only = this.#full[0] ?? this.#block.subarray(0, this.#used)
    if (only.byteLength === this.#length) return only
    const whole = new Uint8Array(this.#length)
    let at = 0
    for (const block of this) {
      whole.set(block, at)
      at += block.byteLength
    }
    return whole
  }

  #keep(piece: Uint8Array<ArrayBuffer>): void {
    this.#reserve(piece.buffer.byteLength)
    this.#close(0)
    this.#full.push(piece)
  }

  #gather(piece: Uint8Array<ArrayBuffer>): void {
    for (let from = 0; from < piece.byteLength; ) {
      if (this.#used === this.#block.byteLength) this.#open()
      const taken = Math.min(piece.byteLength - from, this.#block.byteLength - this.#used)
      this.#block.set(piece.subarray(from, from + taken), this.#used)
      this.#used += taken
      from += taken
    }
  }

  #open(): void {
    const size = Math.min(Math.max(this.#block.byteLength * 2, smallest), largest)
    this.#reserve(size)
    this.#close(size)
  }

  #close(next: number): void {
    if (this.#used > 0) this.#full.push(this.#block.subarray(0, this.#used))
    if (next > 0 || this.#used > 0) this.#block = new Uint8Array(next)
    this.#used = 0
  }
}

// A view of a small part of a large buffer would keep all of that alive.
function ownsItsMemory(piece: Uint8Array): boolean {
  return piece.byteLength >= large && piece.byteLength * 2 >= piece.buffer.byteLength
}

const nothing = new Uint8Array(0)
const smallest = 512
const largest = 64 * 1024
const large = 4 * 1024

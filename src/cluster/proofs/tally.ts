import { lastAtMost } from './last-at-most.ts'
import { addTo, lanes, type Sum, takeFrom } from './sum.ts'

/**
 * How many things stand in each block of a list, with the sum of theirs, and the same of all blocks before it. The
 * latter is added up when it is first asked for after a change, from the first block that has changed: one pass over
 * numbers that lie side by side, which for ten thousand blocks is done sooner than a tree would have been kept.
 */
export class Tally {
  #counts: number[] = [0]
  #sums: Sum = new Uint32Array(lanes)
  /** As far as they still hold. */
  readonly #countsBefore: number[] = [0]
  #sumsBefore: Sum = new Uint32Array(lanes)
  #size = 0

  /** Of all blocks. */
  get size(): number {
    return this.#size
  }

  /** One thing more in a block. */
  add(block: number, sums: Sum, at = 0): void {
    this.#changed(block)
    ;(this.#counts[block] as number)++
    this.#size++
    addTo(this.#sums, sums, at, block * lanes)
  }

  /** One thing less. */
  take(block: number, sums: Sum, at: number): void {
    this.#changed(block)
    ;(this.#counts[block] as number)--
    this.#size--
    takeFrom(this.#sums, sums, at, block * lanes)
  }

  /** An empty block. */
  insert(block: number): void {
    const { length } = this.#counts
    this.#changed(block)
    if (this.#sums.length === length * lanes) this.#sums = withRoom(this.#sums, 2 * length * lanes)
    this.#sums.copyWithin((block + 1) * lanes, block * lanes, length * lanes)
    this.#sums.fill(0, block * lanes, (block + 1) * lanes)
    this.#counts.splice(block, 0, 0)
  }

  /** An empty block. */
  remove(block: number): void {
    this.#changed(block)
    this.#sums.copyWithin(block * lanes, (block + 1) * lanes, this.#counts.length * lanes)
    this.#counts.splice(block, 1)
  }

  clear(): void {
    this.#counts = [0]
    this.#sums.fill(0, 0, lanes)
    this.#countsBefore.length = 1
    this.#size = 0
  }

  /** How many things come before a block. */
  countBefore(block: number): number {
    this.#addUp()
    return this.#countsBefore[block] as number
  }

  /** In which block the thing with so many before it stands: not before `from`. */
  blockAt(rank: number, from: number | undefined): number {
    this.#addUp()
    return lastAtMost(this.#countsBefore, rank, from)
  }

  /** Adds all of some blocks. */
  addBlocks(sum: Sum, from: number, to: number): void {
    this.#addUp()
    takeFrom(sum, this.#sumsBefore, from * lanes)
    addTo(sum, this.#sumsBefore, to * lanes)
  }

  #changed(block: number): void {
    const before = this.#countsBefore
    if (before.length > block + 1) before.length = block + 1
  }

  #addUp(): void {
    const [counts, countsBefore, sums] = [this.#counts, this.#countsBefore, this.#sums]
    if (countsBefore.length === counts.length) return
    if (this.#sumsBefore.length < sums.length)
      this.#sumsBefore = withRoom(this.#sumsBefore, sums.length)
    const sumsBefore = this.#sumsBefore
    for (let block = countsBefore.length; block < counts.length; block++) {
      countsBefore.push((countsBefore[block - 1] as number) + (counts[block - 1] as number))
      for (let at = block * lanes; at < (block + 1) * lanes; at++)
        sumsBefore[at] = (sumsBefore[at - lanes] as number) + (sums[at - lanes] as number)
    }
  }
}

function withRoom(sums: Sum, length: number): Sum {
  const roomier = new Uint32Array(length)
  roomier.set(sums)
  return roomier
}

import { firstAtLeast } from '../../store/state/index.ts'
import { addTo, lanes, type Sum, takeFrom } from './sum.ts'

/** Paths in their order, from the first that is not below `from`, up to and without `to`; `undefined`: all of the rest. */
export interface PathRange {
  readonly from: string
  readonly to: string | undefined
}

/**
 * Paths in their order, each with a sum, and the sum of any range of them.
 *
 * Blocks of up to a thousand paths, in a list that is searched by halves. The sums of blocks are added up along the
 * list when they are first asked for after a change, and from the first block that has changed. Of a million paths
 * that is at most two thousand additions a change, and none where nothing is asked: simpler than a tree, and a
 * range costs two halves of blocks.
 */
export class RangeIndex {
  readonly #blocks: Block[] = [newBlock()]
  /** Of all blocks before each; the blocks from `#stale` on are not added up. */
  #countsBefore: number[] = []
  #sumsBefore: Sum = new Uint32Array(0)
  #stale = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** In place of what stood at the path. */
  set(path: string, sum: Sum): void {
    const place = this.#blockOf(path)
    const block = this.#blocks[place] as Block
    const at = firstAtLeast(block.paths, path)
    this.#changed(place)
    if (block.paths[at] === path) takeFrom(block.sum, block.sums, at * lanes)
    else {
      block.paths.splice(at, 0, path)
      block.sums.copyWithin((at + 1) * lanes, at * lanes, (block.paths.length - 1) * lanes)
      this.#size++
    }
    block.sums.set(sum, at * lanes)
    addTo(block.sum, sum)
    if (block.paths.length === largest) this.#blocks.splice(place + 1, 0, split(block))
  }

  /** Whether there was something. */
  delete(path: string): boolean {
    const place = this.#blockOf(path)
    const block = this.#blocks[place] as Block
    const at = firstAtLeast(block.paths, path)
    if (block.paths[at] !== path) return false
    this.#changed(place)
    takeFrom(block.sum, block.sums, at * lanes)
    block.sums.copyWithin(at * lanes, (at + 1) * lanes, block.paths.length * lanes)
    block.paths.splice(at, 1)
    this.#size--
    if (block.paths.length === 0 && this.#blocks.length > 1) this.#blocks.splice(place, 1)
    return true
  }

  clear(): void {
    this.#blocks.splice(0, this.#blocks.length, newBlock())
    this.#stale = 0
    this.#size = 0
  }

  /** How many paths come before it. */
  rank(path: string): number {
    this.#addUp()
    const place = this.#blockOf(path)
    const { paths } = this.#blocks[place] as Block
    return (this.#countsBefore[place] as number) + firstAtLeast(paths, path)
  }

  /** The path with so many before it. */
  at(rank: number): string | undefined {
    if (rank < 0 || rank >= this.#size) return undefined
    this.#addUp()
    const place = lastAtMost(this.#countsBefore, rank)
    return this.#blocks[place]?.paths[rank - (this.#countsBefore[place] as number)]
  }

  /** How many paths there are in a range, and the sum of theirs. */
  measure({ from, to }: PathRange): { readonly count: number; readonly sum: Sum } {
    const sum = this.#before(to)
    takeFrom(sum, this.#before(from))
    const end = to === undefined ? this.#size : this.rank(to)
    return { count: Math.max(0, end - this.rank(from)), sum }
  }

  /** The paths of a range, each with its sum. */
  *entries({ from, to }: PathRange): Iterable<{ readonly path: string; readonly sum: Sum }> {
    for (let place = this.#blockOf(from); place < this.#blocks.length; place++) {
      const { paths, sums } = this.#blocks[place] as Block
      for (let at = firstAtLeast(paths, from); at < paths.length; at++) {
        const path = paths[at] as string
        if (to !== undefined && path >= to) return
        yield { path, sum: sums.slice(at * lanes, (at + 1) * lanes) }
      }
    }
  }

  /** Of all paths below that one. */
  #before(path: string | undefined): Sum {
    this.#addUp()
    const place = path === undefined ? this.#blocks.length - 1 : this.#blockOf(path)
    const { paths, sums, sum: whole } = this.#blocks[place] as Block
    const sum = this.#sumsBefore.slice(place * lanes, (place + 1) * lanes)
    const end = path === undefined ? paths.length : firstAtLeast(paths, path)
    if (end <= paths.length / 2) for (let at = 0; at < end; at++) addTo(sum, sums, at * lanes)
    else {
      addTo(sum, whole)
      for (let at = end; at < paths.length; at++) takeFrom(sum, sums, at * lanes)
    }
    return sum
  }

  /** Where the path is, or would be. */
  #blockOf(path: string): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (((this.#blocks[middle] as Block).paths[0] as string) <= path) low = middle
      else high = middle - 1
    }
    return low
  }

  #changed(place: number): void {
    if (place < this.#stale) this.#stale = place
  }

  #addUp(): void {
    const blocks = this.#blocks
    if (this.#stale >= blocks.length && this.#countsBefore.length === blocks.length) return
    const from = Math.min(this.#stale, this.#countsBefore.length)
    const before = this.#sumsBefore
    const sums = new Uint32Array(blocks.length * lanes)
    sums.set(before.subarray(0, Math.min(from * lanes, before.length)))
    const counts = this.#countsBefore.slice(0, from)
    for (let place = from; place < blocks.length; place++) {
      const last = blocks[place - 1]
      counts.push(last === undefined ? 0 : (counts[place - 1] as number) + last.paths.length)
      const sum = sums.subarray(place * lanes, (place + 1) * lanes)
      if (last === undefined) continue
      addTo(sum, sums, (place - 1) * lanes)
      addTo(sum, last.sum)
    }
    this.#countsBefore = counts
    this.#sumsBefore = sums
    this.#stale = blocks.length
  }
}

interface Block {
  readonly paths: string[]
  /** Of each path. */
  readonly sums: Sum
  /** Of all. */
  readonly sum: Sum
}

function newBlock(): Block {
  return { paths: [], sums: new Uint32Array(largest * lanes), sum: new Uint32Array(lanes) }
}

/** Its second half, taken out of it. */
function split(block: Block): Block {
  const half = newBlock()
  const from = block.paths.length >>> 1
  half.paths.push(...block.paths.splice(from))
  half.sums.set(block.sums.subarray(from * lanes, (from + half.paths.length) * lanes))
  for (let at = 0; at < half.paths.length; at++) addTo(half.sum, half.sums, at * lanes)
  takeFrom(block.sum, half.sum)
  return half
}

function lastAtMost(sorted: readonly number[], number: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((sorted[middle] as number) <= number) low = middle
    else high = middle - 1
  }
  return low
}

/** Paths in a block when it is split in two. */
const largest = 1_024

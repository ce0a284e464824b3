import { firstAtLeast } from '../../store/state/index.ts'
import { type Block, halved, insertAt, mostPaths, newBlock, removeAt } from './block.ts'
import { lastAtMost } from './last-at-most.ts'
import { addTo, lanes, type Sum } from './sum.ts'
import { Tally } from './tally.ts'

/** Paths in their order, from the first that is not below `from`, up to and without `to`; `undefined`: all of the rest. */
export interface PathRange {
  readonly from: string
  readonly to: string | undefined
}

/** How many paths there are, and the sum of theirs. */
export interface Measure {
  readonly count: number
  readonly sum: Sum
}

/** Before some path, or after the last one; good as long as the index does not change. */
export interface Place {
  readonly block: number
  readonly at: number
}

/**
 * Paths in their order, each with a sum, and the sum of any range of them.
 *
 * Small blocks of paths, in a list that is searched by halves, with a tally of their sums. A change costs its place in
 * a block; of a million paths the first question after it costs some ten thousand additions more, and each range
 * those of two parts of blocks.
 */
export class RangeIndex {
  readonly #blocks: Block[] = [newBlock()]
  /** What no path of a block is below, and all paths of the blocks before it are: what a search needs, side by side. */
  readonly #bounds: string[] = ['']
  readonly #tally = new Tally()

  get size(): number {
    return this.#tally.size
  }

  /** In place of what stood at the path. */
  set(path: string, sum: Sum): void {
    const place = this.#blockOf(path)
    const block = this.#blocks[place] as Block
    const at = firstAtLeast(block.paths, path)
    if (block.paths[at] === path) this.#tally.take(place, block.sums, at * lanes)
    else insertAt(block, at, path)
    block.sums.set(sum, at * lanes)
    this.#tally.add(place, sum)
    if (block.paths.length === mostPaths) this.#halve(place)
  }

  /** Whether there was something. */
  delete(path: string): boolean {
    const place = this.#blockOf(path)
    const block = this.#blocks[place] as Block
    const at = firstAtLeast(block.paths, path)
    if (block.paths[at] !== path) return false
    this.#tally.take(place, block.sums, at * lanes)
    removeAt(block, at)
    if (block.paths.length === 0 && this.#blocks.length > 1) this.#remove(place)
    return true
  }

  clear(): void {
    this.#blocks.splice(0, this.#blocks.length, newBlock())
    this.#bounds.length = 1
    this.#tally.clear()
  }

  /** Before the first path that is not below that one; `undefined`: after all. Sooner found from shortly before it. */
  place(path: string | undefined, from?: Place): Place {
    const last = this.#blocks.length - 1
    const block = path === undefined ? last : lastAtMost(this.#bounds, path, from?.block)
    const { paths } = this.#blocks[block] as Block
    return { block, at: path === undefined ? paths.length : firstAtLeast(paths, path) }
  }

  /** After so many paths. */
  placeAt(rank: number, from?: Place): Place {
    const block = this.#tally.blockAt(rank, from?.block)
    return { block, at: rank - this.#tally.countBefore(block) }
  }

  /** How many paths come before. */
  rank({ block, at }: Place): number {
    return this.#tally.countBefore(block) + at
  }

  /** The path that follows. */
  after({ block, at }: Place): string | undefined {
    return this.#blocks[block]?.paths[at] ?? this.#blocks[block + 1]?.paths[0]
  }

  /** The path that comes right before. */
  before({ block, at }: Place): string | undefined {
    return at > 0 ? this.#blocks[block]?.paths[at - 1] : this.#blocks[block - 1]?.paths.at(-1)
  }

  /** What lies between two places, of which the second is not before the first. */
  between(from: Place, to: Place): Measure {
    const sum = new Uint32Array(lanes)
    const [first, last] = [this.#blocks[from.block] as Block, this.#blocks[to.block] as Block]
    if (first === last) addSums(sum, first, from.at, to.at)
    else {
      addSums(sum, first, from.at, first.paths.length)
      this.#tally.addBlocks(sum, from.block + 1, to.block)
      addSums(sum, last, 0, to.at)
    }
    return { count: this.rank(to) - this.rank(from), sum }
  }

  measure({ from, to }: PathRange): Measure {
    const place = this.place(from)
    return this.between(place, this.place(to, place))
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

  /** Where the path is, or would be. */
  #blockOf(path: string): number {
    return lastAtMost(this.#bounds, path)
  }

  #halve(place: number): void {
    const half = halved(this.#blocks[place] as Block)
    this.#blocks.splice(place + 1, 0, half)
    this.#bounds.splice(place + 1, 0, half.paths[0] as string)
    this.#tally.insert(place + 1)
    for (let at = 0; at < half.paths.length; at++) {
      this.#tally.take(place, half.sums, at * lanes)
      this.#tally.add(place + 1, half.sums, at * lanes)
    }
  }

  #remove(place: number): void {
    this.#blocks.splice(place, 1)
    this.#bounds.splice(place, 1)
    this.#bounds[0] = ''
    this.#tally.remove(place)
  }
}

function addSums(sum: Sum, { sums }: Block, from: number, to: number): void {
  for (let at = from; at < to; at++) addTo(sum, sums, at * lanes)
}

/**
 * Two sorted lists held against each other by prefix sums, in binary messages: what finding differences costs when
 * nobody has to keep the sums up to date. They are added up anew for each comparison, before it begins.
 */
export class PrefixSums {
  readonly paths: readonly string[]
  /** Four numbers for each path. */
  readonly #hashes: Uint32Array
  /** Of all paths before each, and of all. */
  readonly #sums: Uint32Array

  constructor(entries: readonly (readonly [path: string, hash: Uint32Array])[]) {
    this.paths = entries.map(([path]) => path)
    this.#hashes = new Uint32Array(4 * entries.length)
    for (const [at, [, hash]] of entries.entries()) this.#hashes.set(hash, 4 * at)
    this.#sums = new Uint32Array(4 * (entries.length + 1))
    this.addUp()
  }

  /** Of a path that is there; counts from the next `addUp` on. */
  change(path: string, hash: Uint32Array): void {
    this.#hashes.set(hash, 4 * this.place(path))
  }

  addUp(): void {
    const [sums, hashes] = [this.#sums, this.#hashes]
    for (let at = 0; at < hashes.length; at++)
      sums[at + 4] = (sums[at] as number) + (hashes[at] as number)
  }

  hash(at: number): Uint32Array {
    return this.#hashes.slice(4 * at, 4 * at + 4)
  }

  place(path: string): number {
    let low = 0
    let high = this.paths.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.paths[middle] as string) < path) low = middle + 1
      else high = middle
    }
    return low
  }

  sum(from: number, to: number): Uint32Array {
    const sums = this.#sums
    const sum = new Uint32Array(4)
    for (let lane = 0; lane < 4; lane++)
      sum[lane] = (sums[4 * to + lane] as number) - (sums[4 * from + lane] as number)
    return sum
  }
}

/** The paths that differ, and the bytes of all messages. */
export function differences(
  one: PrefixSums,
  other: PrefixSums,
): { readonly differ: readonly string[]; readonly bytes: number } {
  const differ: string[] = []
  let bytes = 0
  let asked = parts(one, '', end)
  while (asked.length > 0) {
    bytes += sizeOf(asked)
    const next: Range[] = []
    for (const range of asked) {
      const [from, to] = [other.place(range.from), other.place(range.to)]
      // A byte for each that is equal.
      bytes++
      if (sameSums(other.sum(from, to), range.sum) && to - from === range.count) continue
      if (to - from <= 16) {
        for (let at = from; at < to; at++) bytes += (other.paths[at] as string).length + 17
        differ.push(...unlike(one, other, range))
        continue
      }
      for (const part of parts(other, range.from, range.to)) {
        bytes += sizeOf([part])
        const [begin, finish] = [one.place(part.from), one.place(part.to)]
        if (sameSums(one.sum(begin, finish), part.sum) && finish - begin === part.count) continue
        next.push(...parts(one, part.from, part.to))
      }
    }
    asked = next
  }
  return { differ, bytes }
}

interface Range {
  readonly from: string
  readonly to: string
  readonly count: number
  readonly sum: Uint32Array
}

function parts(index: PrefixSums, from: string, to: string): Range[] {
  const [first, last] = [index.place(from), index.place(to)]
  const count = Math.max(1, Math.min(16, Math.ceil((last - first) / 2)))
  let begin = first
  let low = from
  return Array.from({ length: count }, (_, part) => {
    const stop =
      part === count - 1 ? last : first + Math.floor(((last - first) * (part + 1)) / count)
    const high = part === count - 1 ? to : (index.paths[stop] as string)
    const range = { from: low, to: high, count: stop - begin, sum: index.sum(begin, stop) }
    begin = stop
    low = high
    return range
  })
}

function unlike(one: PrefixSums, other: PrefixSums, { from, to }: Range): string[] {
  const theirs = new Map<string, Uint32Array>()
  for (let at = other.place(from); at < other.place(to); at++)
    theirs.set(other.paths[at] as string, other.hash(at))
  const found: string[] = []
  for (let at = one.place(from); at < one.place(to); at++) {
    const path = one.paths[at] as string
    const hash = theirs.get(path)
    if (hash === undefined || !sameSums(hash, one.hash(at))) found.push(path)
    theirs.delete(path)
  }
  return [...found, ...theirs.keys()]
}

/** A length, a path, a count and sixteen bytes each. */
function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((bytes, { to }) => bytes + 1 + Math.min(to.length, 1_024) + 4 + 16, 0)
}

function sameSums(one: Uint32Array, other: Uint32Array): boolean {
  return one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && one[3] === other[3]
}

const end = '\u{7f}'

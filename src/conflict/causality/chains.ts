/**
 * Who descends from whom, in a few numbers per branch instead of a set per event. Events are numbers in an
 * order that puts parents first. Each stands in one chain, where every event descends from the one before;
 * and to each belongs a vector: how far into each other chain its ancestors reach. An event that continues
 * its only parent's chain shares its vector, and all that fork from one event share one, so memory goes
 * with merges times branches, not with the length of the history.
 */
export class Chains {
  /** Of each event: its chain, and its rank there, from 1. */
  readonly chain: Int32Array
  readonly rank: Int32Array
  readonly #vectors: Vector[] = []
  /** What a child that leaves the chain of this event knows: its vector and itself. */
  readonly #forks = new Map<number, Vector>()
  /** How long each chain is. */
  readonly #lengths: number[] = []

  /** `parentsOf` gives smaller numbers only. */
  constructor(count: number, parentsOf: (event: number) => readonly number[]) {
    this.chain = new Int32Array(count)
    this.rank = new Int32Array(count)
    for (let event = 0; event < count; event++) this.#place(event, parentsOf(event))
    this.#forks.clear()
  }

  /** Whether `one` is an ancestor of `other`. */
  isBefore(one: number, other: number): boolean {
    return one < other && this.reach(other, this.chain[one] as number) >= (this.rank[one] as number)
  }

  /** How far into `chain` the ancestors of `event` reach: the rank of the last of them there, or 0. */
  reach(event: number, chain: number): number {
    if (this.chain[event] === chain) return (this.rank[event] as number) - 1
    return (this.#vectors[event] as Vector)[chain] ?? 0
  }

  /** By chain: how far into it the ancestors of any of these reach, beside what is in their own chains. */
  reachOfAny(events: readonly number[]): readonly number[] {
    const reach: number[] = []
    // Those that fork from one event share a vector.
    for (const vector of new Set(events.map((event) => this.#vectors[event] as Vector)))
      for (const [chain, rank] of vector.entries())
        if (rank > (reach[chain] ?? 0)) reach[chain] = rank
    return reach
  }

  #place(event: number, parents: readonly number[]): void {
    const tail = parents.find((parent) => this.#isTail(parent))
    const vector = this.#vectorOf(parents, tail)
    const chain = tail === undefined ? this.#chainFor(vector) : (this.chain[tail] as number)
    const rank = (this.#lengths[chain] ?? 0) + 1
    this.#lengths[chain] = rank
    this.#vectors[event] = vector
    this.chain[event] = chain
    this.rank[event] = rank
  }

  #isTail(event: number): boolean {
    return this.#lengths[this.chain[event] as number] === this.rank[event]
  }

  #vectorOf(parents: readonly number[], tail: number | undefined): Vector {
    const [only] = parents
    if (only === undefined) return nothing
    if (parents.length > 1) return this.#merged(parents)
    return only === tail ? (this.#vectors[only] as Vector) : this.#forkOf(only)
  }

  #forkOf(parent: number): Vector {
    let fork = this.#forks.get(parent)
    if (fork === undefined) {
      fork = this.#merged([parent])
      this.#forks.set(parent, fork)
    }
    return fork
  }

  #merged(parents: readonly number[]): Vector {
    let length = 0
    for (const parent of parents) {
      const known = (this.#vectors[parent] as Vector).length
      length = Math.max(length, known, (this.chain[parent] as number) + 1)
    }
    const merged = new Int32Array(length)
    for (const parent of parents) {
      const vector = this.#vectors[parent] as Vector
      for (let chain = 0; chain < vector.length; chain++)
        if ((vector[chain] as number) > (merged[chain] as number))
          merged[chain] = vector[chain] as number
      const own = this.chain[parent] as number
      merged[own] = Math.max(merged[own] as number, this.rank[parent] as number)
    }
    return merged
  }

  /** A chain whose end is an ancestor, or a new one: that keeps chains about as few as branches. */
  #chainFor(vector: Vector): number {
    for (let chain = 0; chain < vector.length; chain++)
      if (vector[chain] === this.#lengths[chain] && vector[chain] !== 0) return chain
    return this.#lengths.length
  }
}

type Vector = Int32Array

const nothing = new Int32Array(0)

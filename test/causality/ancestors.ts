import type { Graph } from './graph.ts'

/**
 * Every edit's ancestors as a row of bits, with nothing shared with what is tested: the plain truth, at a bit
 * for each pair.
 */
export class Ancestors {
  readonly edits: number
  readonly #words: number
  readonly #rows: Uint32Array

  constructor(graph: Graph) {
    this.edits = graph.length
    this.#words = Math.ceil(graph.length / 32)
    this.#rows = new Uint32Array(graph.length * this.#words)
    graph.forEach(({ parents }, at) => {
      const row = this.#row(at)
      for (const parent of parents) {
        const above = this.#row(parent)
        for (let word = 0; word < above.length; word++) row[word]! |= above[word]!
        row[parent >> 5]! |= 1 << (parent & 31)
      }
    })
  }

  has(of: number, ancestor: number): boolean {
    // Asked for every pair: no view of the row is made for it.
    return ((this.#rows[of * this.#words + (ancestor >> 5)]! >>> (ancestor & 31)) & 1) === 1
  }

  count(of: number): number {
    let bits = 0
    for (let word of this.#row(of)) for (; word !== 0; word &= word - 1) bits++
    return bits
  }

  /** Both descend from several edits that don't know of each other, and don't know of each other either. */
  areCrossed(one: number, other: number): boolean {
    if (one === other || this.has(one, other) || this.has(other, one)) return false
    const common: number[] = []
    for (let at = Math.min(one, other) - 1; at >= 0; at--)
      if (this.has(one, at) && this.has(other, at) && !common.some((later) => this.has(later, at)))
        common.push(at)
    return common.length > 1
  }

  #row(at: number): Uint32Array {
    return this.#rows.subarray(at * this.#words, (at + 1) * this.#words)
  }
}

import { byBytes } from '../json/index.ts'
import { countersOf, largestCounter, refused } from './counter.ts'
import { vectorText } from './wire-cursor.ts'

/** What one clock is to another. Unlike go-sync-kit's 0, equal and concurrent are told apart. */
export type ClockRelation = 'before' | 'after' | 'equal' | 'concurrent'

/**
 * How much of each node's history somebody has seen: a counter by node, from 0 to 2^64 - 1. Immutable; there
 * is none beyond the limits: 1,000 nodes, ids of 1 to 255 bytes. Rejoin itself orders events by their
 * parents: clocks are for speaking with those who use them, and for `rejoin/store/versioned`.
 *
 * Whatever makes a clock throws `too_large` beyond a limit and `invalid_argument` for what is none.
 */
export class VectorClock {
  static readonly empty: VectorClock = new VectorClock(new Map())

  readonly #counters: ReadonlyMap<string, bigint>

  private constructor(counters: ReadonlyMap<string, bigint>) {
    this.#counters = counters
  }

  /** Of repeated nodes the last counts. */
  static of(counters: Iterable<readonly [string, bigint]>): VectorClock {
    const checked = new Map<string, bigint>()
    for (const [node, counter] of counters) {
      checkNode(node, 'of')
      checkCounter(counter, node)
      if (!checked.has(node)) checkSize(checked.size + 1, 'of')
      checked.set(node, counter)
    }
    return new VectorClock(checked)
  }

  /** Reads a clock from its JSON text as Go does; blank text and `null` are the empty clock. */
  static parse(text: string): VectorClock {
    if (typeof text !== 'string') throw noClock()
    if (text.length > longestText)
      throw refused('too_large', `a clock of ${text.length} characters`, 'parse')
    const blank = text.trim()
    if (blank === '' || blank === 'null') return VectorClock.empty
    const counters = countersOf(text)
    if (counters === undefined) throw noClock()
    return VectorClock.of(counters)
  }

  /** How many nodes it names. */
  get size(): number {
    return this.#counters.size
  }

  /** 0 for a node that is not named. */
  get(node: string): bigint {
    return this.#counters.get(node) ?? 0n
  }

  /** The nodes and their counters, sorted as in the text. */
  entries(): readonly (readonly [string, bigint])[] {
    return [...this.#counters].sort(([one], [other]) => byBytes(one, other))
  }

  /** The clock after one more event of a node. A counter at its end is refused: it never starts over. */
  increment(node: string): VectorClock {
    checkNode(node, 'increment')
    const counter = this.#counters.get(node)
    if (counter === undefined && this.size >= mostNodes)
      throw refused('too_large', `cannot track more than ${mostNodes} nodes`, 'increment')
    if (counter === largestCounter)
      throw refused('too_large', 'the counter of this node is at its end', 'increment')
    return new VectorClock(new Map(this.#counters).set(node, (counter ?? 0n) + 1n))
  }

  /** The least clock that has seen what either has. */
  merge(other: VectorClock): VectorClock {
    const merged = new Map(this.#counters)
    for (const [node, counter] of other.#counters) {
      const known = merged.get(node)
      if (known === undefined || known < counter) merged.set(node, counter)
    }
    checkSize(merged.size, 'merge')
    return new VectorClock(merged)
  }

  /** What this clock is to the other; a node that is not named counts as 0. */
  compare(other: VectorClock): ClockRelation {
    const less = exceeds(other.#counters, this.#counters)
    if (exceeds(this.#counters, other.#counters)) return less ? 'concurrent' : 'after'
    return less ? 'before' : 'equal'
  }

  /** As Go writes it: JSON, nodes sorted, counters exact, zeros kept. */
  toString(): string {
    return vectorText(this.#counters)
  }

  toJSON(): string {
    return this.toString()
  }
}

function exceeds(one: ReadonlyMap<string, bigint>, other: ReadonlyMap<string, bigint>): boolean {
  for (const [node, counter] of one) if (counter > (other.get(node) ?? 0n)) return true
  return false
}

function checkNode(node: string, operation: string): void {
  if (typeof node !== 'string')
    throw refused('invalid_argument', 'node ID must be a string', operation)
  if (node === '') throw refused('invalid_argument', 'node ID cannot be empty', operation)
  if (node.length > mostBytes || new TextEncoder().encode(node).byteLength > mostBytes)
    throw refused(
      'too_large',
      `node ID length exceeds maximum of ${mostBytes} characters`,
      operation,
    )
  if (!node.isWellFormed())
    throw refused('invalid_argument', 'node ID has a lone surrogate', operation)
}

function checkCounter(counter: bigint, node: string): void {
  if (typeof counter !== 'bigint' || counter < 0n || counter > largestCounter)
    throw refused(
      'invalid_argument',
      `the counter of ${node} must be a bigint from 0 to 2^64 - 1`,
      'of',
    )
}

function checkSize(size: number, operation: 'of' | 'merge'): void {
  if (size <= mostNodes) return
  const message =
    operation === 'merge'
      ? `merging would exceed maximum of ${mostNodes} nodes`
      : `cannot track more than ${mostNodes} nodes`
  throw refused('too_large', message, operation)
}

function noClock() {
  return refused('invalid_argument', 'not a vector clock: an object of whole numbers', 'parse')
}

const mostNodes = 1_000
const mostBytes = 255
/** Every byte of every id escaped, and every counter at its longest. */
const longestText = mostNodes * (mostBytes * 6 + 24) + 2

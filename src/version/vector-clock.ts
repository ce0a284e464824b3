import { countersOf, largestCounter, refused } from './counter.ts'
import { vectorText } from './wire-cursor.ts'

/**
 * How much of each node's history somebody has seen; a node that is not named counts as 0. Rejoin itself
 * orders events by their parents: clocks are for speaking with those who use them.
 */
export type VectorClock = ReadonlyMap<string, bigint>

/** What `one` is to the other. Unlike go-sync-kit's 0, equal and concurrent are told apart. */
export type ClockRelation = 'before' | 'after' | 'equal' | 'concurrent'

export function clockRelation(one: VectorClock, other: VectorClock): ClockRelation {
  let less = false
  let more = false
  for (const node of new Set([...one.keys(), ...other.keys()])) {
    const [left, right] = [one.get(node) ?? 0n, other.get(node) ?? 0n]
    less ||= left < right
    more ||= left > right
  }
  if (less) return more ? 'concurrent' : 'before'
  return more ? 'after' : 'equal'
}

/** The clock after one more event of a node. Throws `invalid_argument` for no node id, `too_large` beyond the limits. */
export function incrementClock(clock: VectorClock, node: string): VectorClock {
  checkNode(node)
  const counter = clock.get(node)
  if (counter === undefined && clock.size >= mostNodes)
    throw refused('too_large', `cannot track more than ${mostNodes} nodes`, 'increment')
  if (counter === largestCounter)
    throw refused('too_large', 'the counter of this node is at its end', 'increment')
  return new Map(clock).set(node, (counter ?? 0n) + 1n)
}

/** The least clock that has seen what either has. Throws as `incrementClock` does. */
export function mergeClocks(one: VectorClock, other: VectorClock): VectorClock {
  const merged = new Map(one)
  for (const [node, counter] of other) {
    checkNode(node)
    const known = merged.get(node)
    if (known === undefined || known < counter) merged.set(node, counter)
  }
  if (merged.size > mostNodes)
    throw refused('too_large', `merging would exceed maximum of ${mostNodes} nodes`, 'merge')
  return merged
}

/** Reads a clock from its JSON text; blank text and `null` are the empty clock. Holds to the same limits. */
export function parseClock(text: string): VectorClock {
  const blank = text.trim()
  if (blank === '' || blank === 'null') return new Map()
  const counters = countersOf(text)
  if (counters === undefined)
    throw refused('invalid_argument', 'not a vector clock: an object of whole numbers', 'parse')
  return mergeClocks(new Map(), counters)
}

/** A clock as Go writes it: keys sorted, counters exact. */
export function clockText(clock: VectorClock): string {
  return vectorText(clock)
}

function checkNode(node: string): void {
  if (node === '') throw refused('invalid_argument', 'node ID cannot be empty', 'increment')
  if (new TextEncoder().encode(node).byteLength > mostBytes)
    throw refused(
      'too_large',
      `node ID length exceeds maximum of ${mostBytes} characters`,
      'increment',
    )
}

const mostNodes = 1_000
const mostBytes = 255

import { systemRuntime } from '../../runtime/index.ts'

/** A stream of random numbers that is a function of its seed alone. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A whole number, both ends possible. */
  int(low: number, high: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** The length of a wait that knows no past, with this mean. */
  exponential(mean: number): number
  bytes(length: number): Uint8Array
  /**
   * Another stream, named by this one's name and the label alone: what is drawn here, before or after,
   * changes nothing there. So one draw more in the network leaves the disks as they were.
   */
  fork(label: string): Random
}

export function seededRandom(seed: string | number): Random {
  const name = String(seed)
  return randomOf(xoshiro128(wordsOf(name)), (label) => seededRandom(`${name}/${label}`))
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018): 32 bits
 * a call from four words that must not all be zero.
 */
export function xoshiro128(words: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = words
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return scrambled >>> 0
  }
}

function randomOf(draw: () => number, fork: (label: string) => Random): Random {
  const next = () => draw() / 2 ** 32
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    int,
    fork,
    chance: (probability) => next() < probability,
    exponential: (mean) => -mean * Math.log(1 - next()),
    bytes: (length) => Uint8Array.from({ length }, () => draw() >>> 24),
    pick(list) {
      if (list.length === 0) throw new RangeError('nothing to pick from')
      return list[int(0, list.length - 1)] as (typeof list)[number]
    },
  }
}

// A cryptographic hash spreads neighbouring seeds over unrelated states, and never gives all zeros.
function wordsOf(name: string): [number, number, number, number] {
  const base64 = systemRuntime.sha256(name).replaceAll('-', '+').replaceAll('_', '/')
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

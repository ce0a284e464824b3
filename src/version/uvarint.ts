import { largestCounter, refused } from './counter.ts'

/** A uint64 in Go's variable-length form: seven bits a byte, the lowest first. Throws `invalid_argument`. */
export function encodeUvarint(number: bigint): Uint8Array<ArrayBuffer> {
  if (number < 0n || number > largestCounter)
    throw refused('invalid_argument', 'a uvarint is a whole number from 0 to 2^64 - 1', 'encode')
  const bytes: number[] = []
  let left = number
  while (left >= 0x80n) {
    bytes.push(Number(left & 0x7fn) | 0x80)
    left >>= 7n
  }
  bytes.push(Number(left))
  return Uint8Array.from(bytes)
}

export interface Uvarint {
  readonly number: bigint
  /** Bytes it takes. */
  readonly length: number
}

/** Reads the number that begins at `from`. Throws `invalid_argument` when it is cut short or too large. */
export function decodeUvarint(bytes: Uint8Array, from = 0): Uvarint {
  let number = 0n
  for (let length = 1; ; length++) {
    const byte = bytes[from + length - 1]
    if (byte === undefined) throw refused('invalid_argument', 'the uvarint is cut short', 'decode')
    number |= BigInt(byte & 0x7f) << BigInt(7 * (length - 1))
    if (number > largestCounter || length > longest)
      throw refused('invalid_argument', 'the uvarint exceeds 64 bits', 'decode')
    if (byte < 0x80) return { number, length }
  }
}

const longest = 10

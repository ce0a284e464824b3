/**
 * A fingerprint of a set of versions: the sum of their hashes, in four lanes of 32 bits, each modulo 2³². Adding and
 * taking away undo each other, in whatever order, which is what lets an index keep it up to date.
 *
 * Two different sets have one sum by accident once in 2¹²⁸. Somebody who chooses contents to that end could find
 * such sets: it is a proof among servers that trust each other.
 */
export type Sum = Uint32Array

/** How many numbers a sum is. */
export const lanes = 4

export function addTo(sum: Sum, numbers: Sum, at = 0, place = 0): void {
  // Written out, because this is most of what a comparison does.
  sum[place] = (sum[place] as number) + (numbers[at] as number)
  sum[place + 1] = (sum[place + 1] as number) + (numbers[at + 1] as number)
  sum[place + 2] = (sum[place + 2] as number) + (numbers[at + 2] as number)
  sum[place + 3] = (sum[place + 3] as number) + (numbers[at + 3] as number)
}

export function takeFrom(sum: Sum, numbers: Sum, at = 0, place = 0): void {
  sum[place] = (sum[place] as number) - (numbers[at] as number)
  sum[place + 1] = (sum[place + 1] as number) - (numbers[at + 1] as number)
  sum[place + 2] = (sum[place + 2] as number) - (numbers[at + 2] as number)
  sum[place + 3] = (sum[place + 3] as number) - (numbers[at + 3] as number)
}

/** 22 characters of base64url, as in `runtime.sha256`; the last one holds two bits. */
export function sumText(numbers: Sum, at = 0): string {
  const a = numbers[at] as number
  const b = numbers[at + 1] as number
  const c = numbers[at + 2] as number
  const d = numbers[at + 3] as number
  // Written out: twenty times as fast as a loop that puts a text together, and a comparison writes thousands.
  return String.fromCharCode(
    code(a >>> 26),
    code(a >>> 20),
    code(a >>> 14),
    code(a >>> 8),
    code(a >>> 2),
    code((a << 4) | (b >>> 28)),
    code(b >>> 22),
    code(b >>> 16),
    code(b >>> 10),
    code(b >>> 4),
    code((b << 2) | (c >>> 30)),
    code(c >>> 24),
    code(c >>> 18),
    code(c >>> 12),
    code(c >>> 6),
    code(c),
    code(d >>> 26),
    code(d >>> 20),
    code(d >>> 14),
    code(d >>> 8),
    code(d >>> 2),
    code(d << 4),
  )
}

/** The first 128 bits of what `runtime.sha256` answers. */
export function sumOfHash(text: string): Sum {
  const sum = new Uint32Array(lanes)
  let bits = 0
  let held = 0
  let bytes = 0
  for (let at = 0; bytes < 4 * lanes; at++) {
    held = (held << 6) | (values[text.charCodeAt(at)] as number)
    bits += 6
    if (bits < 8) continue
    bits -= 8
    const lane = bytes++ >> 2
    sum[lane] = ((sum[lane] as number) << 8) | ((held >>> bits) & 0xff)
    held &= (1 << bits) - 1
  }
  return sum
}

/** Of the character for the last six bits. */
function code(bits: number): number {
  return codes[bits & 63] as number
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const codes = Uint8Array.from(alphabet, (character) => character.charCodeAt(0))
const values = new Uint8Array(128)
for (let at = 0; at < alphabet.length; at++) values[alphabet.charCodeAt(at)] = at

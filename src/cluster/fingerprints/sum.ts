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

export function addTo(sum: Sum, numbers: Sum, at = 0): void {
  // Written out, because this is most of what a comparison does.
  sum[0] = (sum[0] as number) + (numbers[at] as number)
  sum[1] = (sum[1] as number) + (numbers[at + 1] as number)
  sum[2] = (sum[2] as number) + (numbers[at + 2] as number)
  sum[3] = (sum[3] as number) + (numbers[at + 3] as number)
}

export function takeFrom(sum: Sum, numbers: Sum, at = 0): void {
  sum[0] = (sum[0] as number) - (numbers[at] as number)
  sum[1] = (sum[1] as number) - (numbers[at + 1] as number)
  sum[2] = (sum[2] as number) - (numbers[at + 2] as number)
  sum[3] = (sum[3] as number) - (numbers[at + 3] as number)
}

/** 22 characters of base64url, as in `runtime.sha256`; the last one holds two bits. */
export function sumText(numbers: Sum, at = 0): string {
  let text = ''
  let bits = 0
  let held = 0
  for (let lane = 0; lane < lanes; lane++) {
    const number = numbers[at + lane] as number
    for (let shift = 24; shift >= 0; shift -= 8) {
      held = (held << 8) | ((number >>> shift) & 0xff)
      bits += 8
      while (bits >= 6) {
        bits -= 6
        text += alphabet[(held >>> bits) & 63]
      }
      held &= (1 << bits) - 1
    }
  }
  return text + alphabet[(held << (6 - bits)) & 63]
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

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Uint8Array(128)
for (let at = 0; at < alphabet.length; at++) values[alphabet.charCodeAt(at)] = at

import type { Lineage, Position } from '../version/index.ts'

/**
 * What tells a subscriber how far it is: the position in hex and 32 bits of the lineage mark there. Rises with
 * the position, and never says of another history that it is this one.
 */
export function versionText(lineage: Lineage, position: Position): string {
  return `${position.toString(16)}${markBits(lineage, position)}`
}

/** The position that a version of this history tells; `undefined` for all others. */
export function positionIn(lineage: Lineage, version: string): Position | undefined {
  if (!form.test(version)) return undefined
  const position = BigInt(`0x${version.slice(0, -8)}`) as Position
  return versionText(lineage, position) === version ? position : undefined
}

function markBits({ marks }: Lineage, position: Position): string {
  const { mark = '' } = marks.findLast(({ first }) => first <= position) ?? {}
  if (mark === hashed.mark) return hashed.bits
  // FNV-1a: the marks are random, so this only has to be short.
  let hash = 0x811c9dc5
  for (let at = 0; at < mark.length; at++)
    hash = Math.imul(hash ^ mark.charCodeAt(at), 0x01000193) >>> 0
  hashed = { mark, bits: hash.toString(16).padStart(8, '0') }
  return hashed.bits
}

/** The last one: a tree has the same mark for a long time, and each write tells a version. */
let hashed = { mark: '', bits: '811c9dc5' }

const form = /^[0-9a-f]{9,24}$/

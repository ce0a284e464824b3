import type { Position } from './position.ts'

/**
 * An opaque resume token for one log: the lineage mark it was issued under, the last position scanned,
 * and a fingerprint of the filter it was scanned with. Only the log that issued it can read it.
 */
export type Cursor = string & { readonly __brand: 'Cursor' }

/** Before the first entry of any log. */
export const start = '' as Cursor

/** What a cursor says. */
export interface ScanPoint {
  readonly mark: string
  readonly position: Position
  /** Empty: no filter. */
  readonly filter: string
}

export function cursorOf(point: ScanPoint): Cursor {
  return `${point.mark}.${point.position}.${point.filter}` as Cursor
}

/** Reads a cursor; `undefined` when it is not one. The start has no point: check for it first. */
export function parseCursor(cursor: string): ScanPoint | undefined {
  const found = form.exec(cursor)
  if (found === null) return undefined
  const position = BigInt(found[2] as string)
  if (position > maxPosition) return undefined
  return { mark: found[1] as string, position: position as Position, filter: found[3] as string }
}

const form = /^([A-Za-z0-9_-]{16})\.(0|[1-9][0-9]{0,18})\.([A-Za-z0-9_-]{0,43})$/
const maxPosition = 2n ** 63n - 1n

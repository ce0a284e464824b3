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
  /** The log must hold all up to here: the farthest that was ever scanned, or that a page was made with. */
  readonly position: Position
  /** Empty: no filter. */
  readonly filter: string
  /**
   * How far it was scanned under this filter, when that is less: the filter was changed, and what lies
   * before `position` is being read once more; or rows have moved within what is still to be read.
   */
  readonly read?: Position
}

export function cursorOf({ mark, position, filter, read }: ScanPoint): Cursor {
  const reading = read === undefined ? '' : `.${read}`
  return `${mark}.${position}.${filter}${reading}` as Cursor
}

/**
 * The cursor to go on from under a filter: the same one, or, when it was scanned under another, one that has
 * seen as much of the log and has read nothing of it under this filter.
 */
export function underFilter(cursor: Cursor, filter: string): Cursor {
  const point = parseCursor(cursor)
  return point === undefined || point.filter === filter ? cursor : nothingRead(point, filter)
}

/**
 * The cursor to begin from under a filter, where the log is known to go up to `end`: it has read nothing, and only a
 * log that holds all of that takes it. The start for an end that says nothing.
 */
export function unread(end: Cursor, filter: string): Cursor {
  const point = parseCursor(end)
  return point === undefined ? start : nothingRead(point, filter)
}

/** How far a cursor has come under its filter. */
export function readUpTo({ position, read }: ScanPoint): Position {
  return read ?? position
}

/** Reads a cursor; `undefined` when it is not one. The start has no point: check for it first. */
export function parseCursor(cursor: string): ScanPoint | undefined {
  const found = form.exec(cursor)
  if (found === null) return undefined
  const [, mark = '', digits = '', filter = '', readDigits] = found
  const position = BigInt(digits) as Position
  if (position > maxPosition) return undefined
  if (readDigits === undefined) return { mark, position, filter }
  const read = BigInt(readDigits) as Position
  return read < position ? { mark, position, filter, read } : undefined
}

function nothingRead({ mark, position }: ScanPoint, filter: string): Cursor {
  return cursorOf({ mark, position, filter, ...(position > 0n && { read: 0n as Position }) })
}

const form =
  /^([A-Za-z0-9_-]{16})\.(0|[1-9][0-9]{0,18})\.([A-Za-z0-9_-]{0,43})(?:\.(0|[1-9][0-9]{0,18}))?$/
const maxPosition = 2n ** 63n - 1n

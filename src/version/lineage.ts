import type { Runtime } from '../runtime/index.ts'
import { type Cursor, cursorOf, parseCursor, start } from './cursor.ts'
import type { Position } from './position.ts'

/** Written at the first commit after each open: from `first` on, this is the history called `mark`. */
export interface LineageMark {
  readonly mark: string
  readonly first: Position
}

/** A log's marks, ascending, and its last position. */
export interface Lineage {
  readonly marks: readonly LineageMark[]
  readonly end: Position
}

/** 96 random bits: two logs that part never continue under one mark. */
export function newMark(runtime: Pick<Runtime, 'randomBytes'>): string {
  let mark = ''
  for (const byte of runtime.randomBytes(16)) mark += alphabet[byte & 63]
  return mark
}

/** The cursor of everything up to `position`, or of `read` under its filter; the start for an empty log. */
export function cursorAt(
  lineage: Lineage,
  position: Position,
  filter = '',
  read: Position = position,
): Cursor {
  const at = indexOfMark(lineage.marks, position)
  const mark = lineage.marks[at]?.mark
  if (mark === undefined) return start
  return cursorOf({ mark, position, filter, ...(read < position && { read }) })
}

/**
 * Whether this log still holds everything the cursor has seen. False after a restore or a copy, when the
 * log went on under another mark, and when the log ends before the cursor.
 */
export function holds(lineage: Lineage, cursor: Cursor): boolean {
  if (cursor === start) return true
  const point = parseCursor(cursor)
  if (point === undefined || point.position > lineage.end) return false
  const at = indexOfMark(lineage.marks, point.position)
  return lineage.marks[at]?.mark === point.mark
}

function indexOfMark(marks: readonly LineageMark[], position: Position): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((marks[middle] as LineageMark).first <= position) low = middle + 1
    else high = middle
  }
  return low - 1
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

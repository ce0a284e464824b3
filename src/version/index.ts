export {
  type Cursor,
  cursorOf,
  parseCursor,
  readUpTo,
  type ScanPoint,
  start,
  underFilter,
  unread,
} from './cursor.ts'
export { cursorAt, holds, type Lineage, type LineageMark, newMark } from './lineage.ts'
export type { Position } from './position.ts'
export { decodeUvarint, encodeUvarint, type Uvarint } from './uvarint.ts'
export { type ClockRelation, VectorClock } from './vector-clock.ts'
export {
  decodeWireCursor,
  encodeWireCursor,
  isZeroCursor,
  parseWireCursor,
  type RawWireCursor,
  type WireCursor,
} from './wire-cursor.ts'

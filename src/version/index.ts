export { type Cursor, cursorOf, parseCursor, type ScanPoint, start } from './cursor.ts'
export { cursorAt, holds, type Lineage, type LineageMark, newMark } from './lineage.ts'
export type { Position } from './position.ts'

import type { LateWrite, PathRange, StatePaths, StateRow } from '../../contracts/index.ts'
import type { LineageMark, Position } from '../../version/index.ts'
import type { LinkTables, LogMeta, ReaderTables } from '../log/index.ts'

/**
 * What a state storage keeps, as its rules see it. A driver implements this synchronously inside one of its
 * transactions; the rules beside this file decide, and are written once for every driver.
 */
export interface StateTables extends LinkTables, ReaderTables {
  /** Read at the start of a transaction, written back with its commit. */
  readonly meta: StateMeta

  row(path: string): Row | undefined
  /** `timeOf` of the rows at these paths; of many at once this is quicker to find than the rows. */
  times(paths: readonly string[]): ReadonlyMap<string, bigint>
  /** Puts it in place of the row at its path, if there is one. */
  put(row: Row): void
  /** Takes a row out. */
  drop(row: Row): void
  /** Rows after a position, ascending. */
  scan(after: Position): Iterable<Row>
  /** Rows of what lives and matches, in any order; without a pattern, of all that lives. */
  living(pattern?: string): readonly Row[]
  /** As `StateStorage.paths`. */
  paths(range: Required<PathRange>): Pick<StatePaths, 'paths' | 'total'>
  /** The greatest position of a row that matches, tombstones too; 0 for none. */
  latest(pattern: string): Position
  /** Tombstones of deletes before that time and up to that position, the lowest positions first. */
  tombstones(before: bigint, upTo: Position, count: number): readonly Row[]

  /** The greatest time of a collected delete in a list (`users/*`); 0 for none. */
  collected(list: string): bigint
  setCollected(list: string, time: bigint): void
  /** The lists that have such a time. */
  collectedLists(): readonly string[]

  /** These marks, and no others. */
  setMarks(marks: readonly LineageMark[]): void

  keepLate(late: LateWrite): void
  /** After a position, ascending. */
  late(after: Position, count: number): readonly LateWrite[]
  lateCount(): bigint
  /** Whether it was there. */
  forgetLate(position: Position): boolean

  /** Where the feed ended at a time, in milliseconds; times ascending. */
  readonly ends: readonly FeedEnd[]
  /** All of them anew. */
  setEnds(ends: readonly FeedEnd[]): void

  count(): { readonly objects: bigint; readonly tombstones: bigint }
}

export type StateMeta = Pick<
  LogMeta,
  'node' | 'origin' | 'sequence' | 'position' | 'clock' | 'vias'
> & {
  /** The greatest position of a tombstone that was collected. */
  horizon: Position
  /** The position that the last collection took for itself; 0 for none. */
  swept: Position
  /** It has read from another storage at some time, also if it knows no more how far. */
  reads: boolean
}

export interface FeedEnd {
  readonly at: number
  readonly position: Position
}

export interface Row extends StateRow {
  /** The number of the link it came over; `null` when it was written here. */
  readonly via: number | null
}

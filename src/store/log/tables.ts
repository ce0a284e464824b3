import type { Stamp } from '../../clock/index.ts'
import type { Parked } from '../../contracts/index.ts'
import type { EventId, LinkId, LogEvent, NodeId, Origin } from '../../event/index.ts'
import type { Cursor, LineageMark, Position } from '../../version/index.ts'

/**
 * What a log keeps, as the log's rules see it. A driver implements this synchronously inside one of its
 * transactions; the rules beside this file decide, and are written once for every store.
 */
export interface LogTables {
  /** Read at the start of a transaction, written back with its commit. */
  readonly meta: LogMeta

  row(id: EventId): Row | undefined
  /** `false`, and nothing changes, when the id is known. */
  add(row: Row): boolean
  /** Puts another event of the same id in place of `old`, at a new position. */
  move(old: Row, row: Row): void
  /** Puts another event of the same id in place of the row's, where it stands: nobody is told of it. */
  replace(row: Row, event: LogEvent): void
  /** Rows after a position, ascending. */
  scan(range: ScanRange): Iterable<Row>
  /** How many rows stand after a position and did not come over that link. */
  count(range: Pick<ScanRange, 'after'> & { readonly notVia: number }): bigint

  heads(aggregateId: string): readonly Head[]
  setHeads(aggregateId: string, heads: readonly Head[]): void

  /** An event whose header is kept, and the parent it is kept under. */
  orphan(id: EventId): KeptOrphan | undefined
  /** Events known without causality whose header is kept under that parent. */
  orphansOf(parent: EventId): readonly LogEvent[]
  /** Keeps an event's header under a parent that is unknown, and under no other. */
  keepOrphan(orphan: LogEvent, parent: EventId): void
  dropOrphan(id: EventId): void

  /** Where an event stood before it took its header on; `undefined` for nearly all. */
  firstPlace(id: EventId): Position | undefined
  /** All of them after a position and up to another, ascending. */
  firstPlaces(range: Pick<ScanRange, 'after' | 'until'>): Iterable<FirstPlace>
  /** Once for an event, and never taken back. */
  keepFirstPlace(place: FirstPlace): void

  /** The origin's highest sequence here; 0 for none. */
  highest(origin: Origin): bigint
  at(origin: Origin, sequence: bigint): readonly EventId[]

  readonly marks: readonly LineageMark[]
  hasMark(mark: string): boolean
  addMark(mark: LineageMark): void

  link(id: LinkId): LinkRow | undefined
  setLink(id: LinkId, row: LinkRow): void
  links(): Iterable<readonly [LinkId, LinkRow]>
  parked(id: LinkId): readonly Parked[]
  park(id: LinkId, parked: readonly Parked[]): void
  unpark(id: LinkId, ids: readonly EventId[]): void

  /** How far a peer has come that pulls from this log, as it last said. */
  reader(id: LinkId): ReaderRow | undefined
  setReader(id: LinkId, row: ReaderRow): void
  readers(): Iterable<readonly [LinkId, ReaderRow]>

  /** Aggregates that ever had an event. */
  aggregates(): bigint
}

/** The part of it that says how far others have come. */
export type ReaderTables = Pick<LogTables, 'links' | 'reader' | 'setReader' | 'readers'>

/** The part of it that links need; state storages keep links the same way. */
export interface LinkTables
  extends Pick<LogTables, 'marks' | 'hasMark' | 'addMark' | 'highest' | 'at'>,
    Pick<LogTables, 'link' | 'setLink' | 'links' | 'parked' | 'park' | 'unpark'> {
  readonly meta: Pick<LogMeta, 'node' | 'origin' | 'sequence' | 'position' | 'vias'>
}

/** Not the event itself: heads are cached, and would keep its payload in memory. */
export function headOf({ id, stamp }: LogEvent): Head {
  return { id, stamp }
}

export interface LogMeta {
  readonly node: NodeId
  origin: Origin
  /** The last of this origin's sequence. */
  sequence: bigint
  /** The last position given out; never reused, even when its row has moved on. */
  position: Position
  /** The hybrid clock's last tick. */
  clock: bigint
  events: bigint
  /** Rows that stand after their children, because a change moved them. */
  moved: bigint
  clashes: bigint
  /** Rows whose content is erased. */
  erased: bigint
  /** The last link number given out. */
  vias: number
}

export interface Row {
  readonly position: Position
  readonly event: LogEvent
  /** The number of the link it came over; `null` when it was appended here. */
  readonly via: number | null
}

/** A header that waits, and the parent it waits for. */
export interface KeptOrphan {
  readonly orphan: LogEvent
  readonly parent: EventId
}

/** A position that an event has left, and that stands for it wherever it is shown only once. */
export interface FirstPlace {
  readonly position: Position
  readonly id: EventId
}

export interface ScanRange {
  readonly after: Position
  /** Inclusive. */
  readonly until: Position
  readonly count: number
  readonly notVia?: number
  readonly aggregateId?: string
}

export interface Head {
  readonly id: EventId
  readonly stamp: Stamp
}

export interface ReaderRow {
  readonly upTo: Position
  /** When, or less than a day before that. Milliseconds since 1970. */
  readonly heard: number
}

export interface LinkRow {
  /** Marks rows that came over this link; another number after each reset. */
  readonly via: number
  readonly pulled: Cursor
  readonly pushed: Cursor
  /** The last cursor of ours that the peer has confirmed to have written down. */
  readonly acknowledged: Cursor
  readonly received: Cursor
}

import type { ChangePage, Entries, ReadRange, Want } from '../../contracts/index.ts'
import type { EventId, Filter, LogEvent } from '../../event/index.ts'
import {
  type Cursor,
  cursorAt,
  holds,
  type Position,
  parseCursor,
  readUpTo,
  underFilter,
} from '../../version/index.ts'
import { lineageOf } from './context.ts'
import { scanFirstPlaces } from './placed.ts'
import { type Selection, selectionOf, selects } from './selection.ts'
import type { LogTables, Row, ScanRange } from './tables.ts'

/** The next page of a feed. Scans a bounded stretch of the log, so a page may be empty and yet go on. */
export function changesAfter(tables: LogTables, after: Cursor, want: Want): ChangePage<LogEvent> {
  const lineage = lineageOf(tables)
  if (!holds(lineage, after)) return { kind: 'reset' }

  const { filter, notVia, count, bytes } = want
  const fingerprint = filter?.fingerprint ?? ''
  const point = parseCursor(underFilter(after, fingerprint))
  const seen = point?.position ?? (0n as Position)
  const from = point === undefined ? seen : readUpTo(point)
  const left = notVia === undefined ? undefined : tables.link(notVia)
  const until = least(lineage.end, from + scanStretch)
  const range = { after: from, until, count, bytes, ...(left && { notVia: left.via }) }
  const selection = filter && selectionOf(tables, filter, left?.via)
  const { rows, last, full } =
    selection === undefined
      ? readRows(tables.scan(range), range)
      : readSelected(tables, selection, forFilter(range, filter))
  const scanned = full ? last : until
  const isWhole = tables.meta.moved === 0n
  // A row may have moved on from where was scanned, or come ahead of its place as a parent: whoever goes on from
  // here does so only in a log that knows of that.
  const known = isWhole ? scanned : lineage.end
  return {
    kind: 'page',
    changes: isWhole ? rows.map((row) => row.event) : closed(tables, rows, selection),
    cursor: cursorAt(lineage, greatest(seen, known), fingerprint, scanned),
    more: scanned < lineage.end,
    ...(left && { leftOut: { received: left.received, pulled: left.pulled } }),
  }
}

export function entriesIn(tables: LogTables, range: ReadRange): Entries {
  const { after = 0n as Position, count = 1_000, bytes = 4 * 1024 * 1024, aggregateId } = range
  const end = tables.meta.position
  const all = { after, until: end, count, bytes }
  const scan = aggregateId === undefined ? all : { ...all, aggregateId }
  const isByFirst = range.placed === 'first' && tables.meta.moved > 0n
  const scanned = isByFirst ? scanFirstPlaces(tables, scan) : tables.scan(scan)
  const { rows, last, full } = readRows(scanned, scan)
  const next = full ? last : end > after ? end : after
  return { entries: rows, next, more: full && next < end }
}

/** The events with these ids that are here. */
export function eventsOf(
  tables: LogTables,
  ids: readonly EventId[],
  filter?: Filter,
): readonly LogEvent[] {
  const events = ids.flatMap((id) => tables.row(id)?.event ?? [])
  if (filter === undefined) return events
  return events
    .filter((event) => selects(tables, filter, event.aggregateId))
    .map((event) => filter.withhold(event))
}

function readRows(
  scanned: Iterable<Row>,
  range: ScanRange & PageSize,
): { rows: readonly Row[]; last: Position; full: boolean } {
  const rows: Row[] = []
  let bytes = 0
  for (const row of scanned) {
    rows.push(row)
    bytes += row.event.size
    if (bytes >= range.bytes || rows.length >= range.count)
      return { rows, last: row.position, full: true }
  }
  return { rows, last: range.until, full: false }
}

/** As `readRows`, of what is selected; ends as well when it has looked at enough in vain. */
function readSelected(
  tables: LogTables,
  selection: Selection,
  range: ScanRange & PageSize,
): { rows: readonly Row[]; last: Position; full: boolean } {
  const rows: Row[] = []
  let bytes = 0
  let read = 0
  let looks = 0
  for (const row of tables.scan({ ...range, count: mostLooks })) {
    for (const selected of newAmong(selection.of(row), rows)) {
      rows.push(selected)
      bytes += selected.event.size
    }
    read += row.event.size
    looks++
    const isFull = bytes >= range.bytes || rows.length >= range.count
    if (isFull || read >= mostRead || looks === mostLooks)
      return { rows, last: row.position, full: true }
  }
  return { rows, last: range.until, full: false }
}

/** What a row brings along may stand in the page already. */
function newAmong(selected: readonly Row[], rows: readonly Row[]): readonly Row[] {
  if (selected.length < 2) return selected
  const there = new Set(rows.map(({ position }) => position))
  return selected.filter(({ position }) => !there.has(position))
}

/** Under a tenant, rows that came from whoever asks are looked at as well: see `selectionOf`. */
function forFilter({ notVia, ...range }: ScanRange & PageSize, filter: Filter | undefined) {
  return filter?.tenant === undefined && notVia !== undefined ? { ...range, notVia } : range
}

/** Parents that a change has moved behind their children come before them, and again at their place. */
function closed(
  tables: LogTables,
  rows: readonly Row[],
  selection: Selection | undefined,
): readonly LogEvent[] {
  const events: LogEvent[] = []
  const included = new Set<EventId>()
  // What stands before `first` is with the reader already, or was left out for it.
  const include = (first: Row): void => {
    const path = [first]
    for (let row = path.at(-1); row !== undefined; row = path.at(-1)) {
      const later = row.event.parents
        .filter((id) => !included.has(id))
        .map((id) => tables.row(id))
        .find((parent) => parent !== undefined && parent.position > first.position)
      if (later !== undefined) path.push(selection?.show(later) ?? later)
      else {
        path.pop()
        if (!included.has(row.event.id)) events.push(row.event)
        included.add(row.event.id)
      }
    }
  }
  for (const row of rows) include(row)
  return events
}

function least(one: bigint, other: bigint): Position {
  return (one < other ? one : other) as Position
}

function greatest(one: Position, other: Position): Position {
  return one > other ? one : other
}

interface PageSize {
  readonly bytes: number
}

/** Positions looked at for one page when nearly all are left out: some 50 ms of reading. */
const scanStretch = 50_000n
/** Rows and bytes that a filter looks at for one page. */
const mostLooks = 10_000
const mostRead = 8 * 1024 * 1024

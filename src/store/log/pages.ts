import type { ChangePage, Entries, ReadRange, Want } from '../../contracts/index.ts'
import type { EventId, LogEvent } from '../../event/index.ts'
import {
  type Cursor,
  cursorAt,
  holds,
  type Position,
  parseCursor,
  start,
} from '../../version/index.ts'
import { lineageOf } from './context.ts'
import type { LogTables, Row, ScanRange } from './tables.ts'

/** The next page of a feed. Scans a bounded stretch of the log, so a page may be empty and yet go on. */
export function changesAfter(tables: LogTables, after: Cursor, want: Want): ChangePage<LogEvent> {
  const lineage = lineageOf(tables)
  const point = after === start ? undefined : parseCursor(after)
  if (!holds(lineage, after) || (point !== undefined && point.filter !== ''))
    return { kind: 'reset' }

  const from = point?.position ?? (0n as Position)
  const left = want.notVia === undefined ? undefined : tables.link(want.notVia)
  const until = least(lineage.end, from + scanStretch)
  const { rows, last, full } = readRows(tables, {
    after: from,
    until,
    count: want.count,
    bytes: want.bytes,
    ...(left && { notVia: left.via }),
  })
  const scanned = full ? last : until
  return {
    kind: 'page',
    changes: tables.meta.moved === 0n ? rows.map((row) => row.event) : closed(tables, rows),
    cursor: cursorAt(lineage, scanned),
    more: scanned < lineage.end,
    ...(left && { leftOut: { received: left.received, pulled: left.pulled } }),
  }
}

export function entriesIn(tables: LogTables, range: ReadRange): Entries {
  const { after = 0n as Position, count = 1_000, bytes = 4 * 1024 * 1024, aggregateId } = range
  const end = tables.meta.position
  const scan = { after, until: end, count, bytes }
  const { rows, last, full } = readRows(
    tables,
    aggregateId === undefined ? scan : { ...scan, aggregateId },
  )
  const next = full ? last : end > after ? end : after
  return { entries: rows, next, more: full && next < end }
}

/** The events with these ids that are here. */
export function eventsOf(tables: LogTables, ids: readonly EventId[]): readonly LogEvent[] {
  return ids.flatMap((id) => tables.row(id)?.event ?? [])
}

function readRows(
  tables: LogTables,
  range: ScanRange & { readonly bytes: number },
): { rows: readonly Row[]; last: Position; full: boolean } {
  const rows: Row[] = []
  let bytes = 0
  for (const row of tables.scan(range)) {
    rows.push(row)
    bytes += row.event.size
    if (bytes >= range.bytes || rows.length >= range.count)
      return { rows, last: row.position, full: true }
  }
  return { rows, last: range.until, full: false }
}

/** Parents that a change has moved behind their children come before them, and again at their place. */
function closed(tables: LogTables, rows: readonly Row[]): readonly LogEvent[] {
  const events: LogEvent[] = []
  const included = new Set<EventId>()
  const include = (first: Row): void => {
    const path = [first]
    for (let row = path.at(-1); row !== undefined; row = path.at(-1)) {
      const position = row.position
      const later = row.event.parents
        .filter((id) => !included.has(id))
        .map((id) => tables.row(id))
        .find((parent) => parent !== undefined && parent.position > position)
      if (later !== undefined) path.push(later)
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

/** Positions looked at for one page when nearly all are left out: some 50 ms of reading. */
const scanStretch = 50_000n

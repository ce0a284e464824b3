import {
  type ChangePage,
  changeSize,
  type FeedRange,
  LinkedChange,
  listOf,
  type StateChange,
  type StateFeed,
  type StateList,
  type StateMoment,
  type StateRange,
  type StateRow,
  type StateRows,
  type StateStatus,
  type Want,
} from '../../contracts/index.ts'
import type { Filter } from '../../event/index.ts'
import {
  type Cursor,
  cursorAt,
  holds,
  type Position,
  parseCursor,
  readUpTo,
  underFilter,
} from '../../version/index.ts'
import { lineageOf } from '../log/index.ts'
import { momentOf, type StateContext } from './context.ts'
import { ordered } from './ordered.ts'
import type { StateMeta, StateTables } from './tables.ts'

export function rowsOf(context: StateContext, paths: readonly string[]): StateRows {
  const { tables } = context
  const isWhole = tables.meta.horizon === 0n
  const found = paths.map((path) => ({
    row: tables.row(path),
    collected: isWhole ? 0n : tables.collected(listOf(path)),
  }))
  return { ...momentOf(context), found }
}

export function listIn(context: StateContext, range: StateRange): StateList {
  return { ...momentOf(context), rows: ordered(context.tables.living(range.pattern), range) }
}

export function feedOf(context: StateContext, range: FeedRange): StateFeed {
  const { tables } = context
  return { ...feedIn(tables, momentOf(context), range), origin: tables.meta.origin }
}

/** What stands in a feed at some moment, whoever keeps it. */
export function feedIn(
  feed: Pick<StateTables, 'scan'>,
  moment: StateMoment,
  { after = start, upTo, count = 1_000, bytes = 4 * 1024 * 1024 }: FeedRange,
): Omit<StateFeed, 'origin'> {
  const end = upTo === undefined || upTo > moment.end ? moment.end : upTo
  const rows: StateRow[] = []
  let size = 0
  let next = end > after ? end : after
  // Whoever hears of a commit of its own asks, and there is nothing.
  if (end <= after) return { ...moment, rows, next, more: false }
  for (const row of feed.scan(after)) {
    if (row.position > end) break
    rows.push(row)
    size += changeSize(row)
    if (rows.length < count && size < bytes) continue
    next = row.position
    break
  }
  return { ...moment, rows, next, more: next < end }
}

/** The next page of a feed for a link. Looks at a bounded stretch, so a page may be empty and yet go on. */
export function changesAfter(
  { tables }: StateContext,
  after: Cursor,
  want: Want<LinkedChange>,
): ChangePage<LinkedChange> {
  const lineage = lineageOf(tables)
  if (!holds(lineage, after)) return { kind: 'reset' }
  const { filter, notVia, count, bytes } = want
  const fingerprint = filter?.fingerprint ?? ''
  if (missesDeletes(tables.meta, after, fingerprint)) return { kind: 'reset' }
  const point = parseCursor(underFilter(after, fingerprint))
  const seen = point?.position ?? start
  const left = notVia === undefined ? undefined : tables.link(notVia)
  const changes: LinkedChange[] = []
  let size = 0
  let looks = 0
  let scanned = lineage.end
  for (const row of tables.scan(point === undefined ? seen : readUpTo(point))) {
    looks++
    if (isWanted(row, filter) && (left === undefined || row.via !== left.via)) {
      changes.push(new LinkedChange(row))
      size += changeSize(row)
    }
    if (changes.length < count && size < bytes && looks < mostLooks) continue
    scanned = row.position
    break
  }
  return {
    kind: 'page',
    changes,
    // What stood behind the last of these rows may have moved on to the end: whoever goes on from here does so only
    // in a feed that knows of that, and not in an older backup, where it still stands in its old place.
    cursor: cursorAt(lineage, lineage.end, fingerprint, scanned),
    more: scanned < lineage.end,
    ...(left && { leftOut: { received: left.received, pulled: left.pulled } }),
  }
}

export function statusOf(context: StateContext): StateStatus {
  const { node, origin } = context.tables.meta
  const { tables } = context
  return { ...momentOf(context), node, origin, ...tables.count(), late: tables.lateCount() }
}

/**
 * Whether what has been collected may include deletes that this reader has not seen. Who reads from the start finds
 * only what lives, and so does who began after the last collection: each page's cursor says how far the feed went
 * then. Under another filter a reader may hold what it has read under that one before, at any time.
 */
function missesDeletes({ horizon, swept }: StateMeta, after: Cursor, filter: string): boolean {
  const point = parseCursor(after)
  if (point === undefined || horizon === 0n) return false
  return point.filter !== filter || (readUpTo(point) < horizon && point.position < swept)
}

export function isWanted({ path }: StateChange, filter: Filter<LinkedChange> | undefined): boolean {
  return filter?.aggregate === undefined || filter.aggregate(path)
}

const start = 0n as Position
/** Some 50 ms of reading. */
const mostLooks = 50_000

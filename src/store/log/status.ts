import { nanosecondsPerMillisecond, stampOf } from '../../clock/index.ts'
import type { StoreStatus } from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'
import { type Position, parseCursor, readUpTo } from '../../version/index.ts'
import type { LogContext } from './context.ts'
import type { LinkRow, LogTables } from './tables.ts'

export function statusOf(context: LogContext): StoreStatus {
  const { tables } = context
  const { node, origin, position, events, erased, clashes } = tables.meta
  const links = [...tables.links()].map(([link, row]) => ({
    link,
    pulled: row.pulled,
    pushed: row.pushed,
    unsynced: unsynced(tables, link, row),
    parked: tables.parked(link).length,
  }))
  const clockLead = clockLeadOf(context)
  const aggregates = tables.aggregates()
  return { node, origin, position, events, erased, aggregates, clashes, clockLead, links }
}

/** In whole milliseconds. Another process may have moved the clock that the tables hold. */
function clockLeadOf({ clock, tables, runtime }: LogContext): number {
  const last = clock.last > tables.meta.clock ? clock.last : tables.meta.clock
  const lead = last - stampOf(runtime.now())
  return lead > 0n ? Number(lead / nanosecondsPerMillisecond) : 0
}

/** Rows after the push checkpoint that did not come over this link, and what is parked. */
function unsynced(tables: LogTables, link: LinkId, row: LinkRow): bigint {
  const point = parseCursor(row.pushed)
  const after = point === undefined ? (0n as Position) : readUpTo(point)
  const waiting = tables.count({ after, notVia: row.via })
  return waiting + BigInt(tables.parked(link).length)
}

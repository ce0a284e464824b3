import type { StoreStatus } from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'
import { type Position, parseCursor } from '../../version/index.ts'
import type { LinkRow, LogTables } from './tables.ts'

export function statusOf(tables: LogTables): StoreStatus {
  const { node, origin, position, events, clashes } = tables.meta
  const links = [...tables.links()].map(([link, row]) => ({
    link,
    pulled: row.pulled,
    pushed: row.pushed,
    unsynced: unsynced(tables, link, row),
    parked: tables.parked(link).length,
  }))
  return { node, origin, position, events, aggregates: tables.aggregates(), clashes, links }
}

/** Rows after the push checkpoint that did not come over this link, and what is parked. */
function unsynced(tables: LogTables, link: LinkId, row: LinkRow): bigint {
  const after = parseCursor(row.pushed)?.position ?? (0n as Position)
  const waiting = tables.count({ after, notVia: row.via })
  return waiting + BigInt(tables.parked(link).length)
}

import type { Filter } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import type { LogTables, Row } from './tables.ts'
import { tenancyOf } from './tenants.ts'

/** What a filter makes of a log's rows. */
export interface Selection {
  /** The rows to send for this one, in the order of the log: none, or it, now and then with others. */
  of(row: Row): readonly Row[]
  /** A row of a selected aggregate, as it may be sent. */
  show(row: Row): Row
}

/**
 * Whoever reads under a tenant has gone past an aggregate's rows as long as none of them named a tenant.
 * The row that does brings all before it along. `notVia` is heeded here, because such a row may itself have
 * come from whoever asks.
 */
export function selectionOf(tables: LogTables, filter: Filter, notVia?: number): Selection {
  const show = (row: Row): Row => {
    const event = filter.withhold(row.event)
    return event === row.event ? row : { ...row, event }
  }
  return {
    show,
    of(row) {
      const { aggregateId } = row.event
      if (!selects(tables, filter, aggregateId)) return nothing
      const sent = notVia === undefined || row.via !== notVia ? [show(row)] : nothing
      if (filter.tenant === undefined) return sent
      const { sayer, hasEarlier } = tenancyOf(tables, aggregateId)
      if (!hasEarlier || sayer !== row.event.id) return sent
      return [...rowsBefore(tables, row).map(show), ...sent]
    },
  }
}

/** Whether anything of an aggregate may be sent. */
export function selects(tables: LogTables, filter: Filter, aggregateId: string): boolean {
  if (filter.aggregate !== undefined && !filter.aggregate(aggregateId)) return false
  return filter.tenant === undefined || tenancyOf(tables, aggregateId).tenant === filter.tenant
}

function rowsBefore(tables: LogTables, { position, event }: Row): readonly Row[] {
  const after = 0n as Position
  const { aggregateId } = event
  const until = (position - 1n) as Position
  return [...tables.scan({ after, until, count: Number.MAX_SAFE_INTEGER, aggregateId })]
}

const nothing: readonly Row[] = []

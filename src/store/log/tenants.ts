import { type EventId, tenantIn } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import type { LogTables } from './tables.ts'

/** Whose an aggregate is, as this log knows it. */
export interface Tenancy {
  /** Absent as long as no event says it. */
  readonly tenant?: string
  /** The event that says it, the first one to. */
  readonly sayer?: EventId
  /** Rows of the aggregate stand before it. */
  readonly hasEarlier: boolean
  /** Rows up to here have been looked at. */
  readonly upTo: Position
}

/**
 * The tenant of an aggregate: what the first of its rows that names one says. Rows are only added at the
 * end, and move only there, so each is looked at once; what was said stays said.
 */
export function tenancyOf(tables: LogTables, aggregateId: string): Tenancy {
  const known = cacheOf(tables)
  const before = known.get(aggregateId) ?? unknown
  if (before.tenant !== undefined || before.upTo === tables.meta.position) return before
  const now = lookOn(tables, aggregateId, before)
  if (known.size >= mostKnown) known.clear()
  known.set(aggregateId, now)
  return now
}

function lookOn(tables: LogTables, aggregateId: string, before: Tenancy): Tenancy {
  const until = tables.meta.position
  let { hasEarlier } = before
  const range = { after: before.upTo, until, count: Number.MAX_SAFE_INTEGER, aggregateId }
  for (const { event } of tables.scan(range)) {
    // Of what is erased, it is all that is left.
    const tenant = event.stub === 'withheld' ? undefined : tenantIn(event.metadataText)
    if (tenant !== undefined) return { tenant, sayer: event.id, hasEarlier, upTo: until }
    hasEarlier = true
  }
  return { hasEarlier, upTo: until }
}

function cacheOf(tables: LogTables): Map<string, Tenancy> {
  let cache = caches.get(tables)
  if (cache === undefined) {
    cache = new Map()
    caches.set(tables, cache)
  }
  return cache
}

const caches = new WeakMap<LogTables, Map<string, Tenancy>>()
const unknown: Tenancy = { hasEarlier: false, upTo: 0n as Position }
const mostKnown = 50_000

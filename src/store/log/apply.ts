import type { Applied, Batch, Receipt } from '../../contracts/index.ts'
import type { EventId, LogEvent } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { headsWith, isClash, type Unlinked, unknownParents } from './ancestry.ts'
import { type LogContext, nextPosition } from './context.ts'
import { holdsBoth, linkRow, renewOrigin } from './links.ts'
import { meet } from './meet.ts'
import { adopted, linkOrphans } from './orphans.ts'
import { stored } from './receipts.ts'
import { refusalOf } from './refusal.ts'
import type { LogTables, Row } from './tables.ts'

/**
 * Takes in events from a peer, with the cursor that covers them (L4). Each event is judged alone; what
 * it is refused for is read before it is written.
 */
export function apply(context: LogContext, batch: Batch<LogEvent>): Applied {
  const { tables } = context
  const { pulled = start, received = start } = tables.link(batch.via) ?? {}
  const stands = batch.role === 'pulled' ? pulled : received
  const { expects, cursor, as, leftOut } = batch
  if (as !== undefined && as !== tables.meta.origin) return { kind: 'reset' }
  if (leftOut !== undefined && !holdsBoth(tables, leftOut)) {
    renewOrigin(context)
    return { kind: 'reset' }
  }
  if (expects !== undefined && stands !== expects && stands !== cursor) return { kind: 'reset' }

  const link = linkRow(tables, batch.via)
  const receipts = batch.changes.map((event) => take(context, event, batch, link.via))
  const complete = batch.role === 'pushed' || !receipts.some((one) => one.kind === 'missing')
  if (cursor !== undefined && cursor !== stands && complete) {
    const moved = batch.role === 'pulled' ? { pulled: cursor } : { received: cursor }
    tables.setLink(batch.via, { ...link, ...moved })
  } else if (batch.changes.length > 0) tables.setLink(batch.via, link)
  if (batch.role === 'pushed') return { kind: 'applied', receipts }
  parkRefused(tables, batch, receipts)
  const concurrent = writtenConcurrently(tables, batch, receipts)
  return { kind: 'applied', receipts, ...(concurrent.length > 0 && { concurrent }) }
}

/** The aggregates of what is new here that have several heads. */
function writtenConcurrently(
  tables: LogTables,
  { changes }: Batch<LogEvent>,
  receipts: readonly Receipt[],
): readonly string[] {
  const found = new Set<string>()
  let last = ''
  for (const [at, { aggregateId, origin }] of changes.entries()) {
    const kind = receipts[at]?.kind
    if (aggregateId === last || origin === null || (kind !== 'stored' && kind !== 'filled'))
      continue
    last = aggregateId
    if (tables.heads(aggregateId).length > 1) found.add(aggregateId)
  }
  return [...found]
}

/** The cursor goes past what can't be taken in, so it is written down. */
function parkRefused(
  tables: LogTables,
  { via, changes, unreadable = [] }: Batch<LogEvent>,
  receipts: readonly Receipt[],
): void {
  if (unreadable.length > 0) tables.park(via, unreadable)
  receipts.forEach((receipt, at) => {
    if (receipt.kind !== 'rejected') return
    const { id } = changes[at] as LogEvent
    const message = `can't be taken in: ${receipt.message}`
    tables.park(via, [{ id, reason: receipt.reason, message }])
  })
}

function take(context: LogContext, event: LogEvent, batch: Batch<LogEvent>, via: number): Receipt {
  const { tables } = context
  const unlinked = unknownParents(tables, event)
  const refusal = unlinked ?? refusalOf(context, event, batch)
  if (refusal !== undefined) {
    // A known id is never refused for where it comes from or when.
    const known = tables.row(event.id)
    if (known !== undefined) return meet(context, known, event, batch, via)
    return refusal.kind === 'missing' ? takeOrphan(context, event, batch, via, refusal) : refusal
  }
  if (!add(context, event, via))
    return meet(context, tables.row(event.id) as Row, event, batch, via)
  linkOrphans(context, event.id)
  return stored
}

/** An event whose parents are unknown, and is unknown itself. */
function takeOrphan(
  context: LogContext,
  event: LogEvent,
  batch: Batch<LogEvent>,
  via: number,
  missing: Missing,
): Receipt {
  if (batch.orphans !== 'adopt' || event.stub !== null) return missing
  const refusal = refusalOf(context, event, batch)
  if (refusal !== undefined) return refusal
  const { tables } = context
  add(context, adopted(tables, event, missing.parents[0] as EventId), via)
  linkOrphans(context, event.id)
  if (event.origin === tables.meta.origin) renewOrigin(context)
  return stored
}

/** `false`, and nothing changes, when the id is known. */
function add(context: LogContext, event: LogEvent, via: number): boolean {
  const { tables } = context
  const { meta } = tables
  const clash = isClash(tables, event)
  const from = event.stub === 'erased' ? null : via
  const row = { position: (meta.position + 1n) as Row['position'], event, via: from }
  if (!tables.add(row)) return false
  nextPosition(context)
  meta.events += 1n
  if (event.stub === 'erased') meta.erased += 1n
  if (clash) meta.clashes += 1n
  if (event.origin !== null) {
    tables.setHeads(event.aggregateId, headsWith(tables, event))
    context.clock.observe(event.stamp)
    // Our own origin wrote something we don't have: we are a copy, or an older backup.
    if (event.origin === meta.origin) renewOrigin(context)
  }
  return true
}

type Missing = Extract<Unlinked, { kind: 'missing' }>

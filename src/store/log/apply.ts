import type { Applied, Batch, Receipt } from '../../contracts/index.ts'
import { type EventId, LogEvent } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { type LogContext, nextPosition } from './context.ts'
import { holdsBoth, linkRow, renewOrigin } from './links.ts'
import { sameContent } from './same-content.ts'
import { type Head, headOf, type LogTables, type Row } from './tables.ts'

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
  if (batch.role === 'pulled') parkRefused(tables, batch, receipts)
  return { kind: 'applied', receipts }
}

/** The cursor goes past what can't be taken in, so it is written down. */
function parkRefused(
  tables: LogTables,
  { via, changes }: Batch<LogEvent>,
  receipts: readonly Receipt[],
): void {
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
    return known === undefined ? refusal : meet(context, known, event, via)
  }
  const clash = isClash(tables, event)
  const row = { position: (tables.meta.position + 1n) as Row['position'], event, via }
  if (!tables.add(row)) return meet(context, tables.row(event.id) as Row, event, via)
  nextPosition(context)
  const { meta } = tables
  meta.events += 1n
  if (clash) meta.clashes += 1n
  if (event.origin !== null) {
    tables.setHeads(event.aggregateId, headsWith(tables.heads(event.aggregateId), event))
    context.clock.observe(event.stamp)
    // Our own origin wrote something we don't have: we are a copy, or an older backup.
    if (event.origin === meta.origin) renewOrigin(context)
  }
  return stored
}

/** An event whose id is known: the same fact again, the content of a stub, or another fact. */
function meet(context: LogContext, known: Row, event: LogEvent, via: number): Receipt {
  const { tables } = context
  if (event.stub !== null) return duplicate
  if (!sameContent(known.event, event))
    return rejected('id_conflict', `event ${event.id} is known with other content`)
  if (known.event.stub !== 'withheld') {
    if (known.event.stub === null && !sameHeader(known.event, event)) tables.meta.clashes += 1n
    return duplicate
  }
  // The stub's place in history stands, whatever header the content comes with.
  const place = known.event
  const whole = sameHeader(place, event) ? event : new LogEvent({ ...event, ...placeOf(place) })
  // The content came over this link, wherever the stub came from: all others may lack it.
  tables.move(known, { position: nextPosition(context), event: whole, via })
  tables.meta.moved += 1n
  return filled
}

function refusalOf(
  context: LogContext,
  event: LogEvent,
  { role, via }: Batch<LogEvent>,
): Receipt | undefined {
  if (event.stub !== null && event.stub !== 'withheld')
    return rejected('invalid', `a stub of an ${event.stub} event is not taken from elsewhere`)
  const skew = event.origin === null ? 'fine' : context.clock.judge(event.stamp)
  if (skew === 'unusable') return rejected('invalid', 'its stamp lies beyond the year 2200')
  if (role === 'pulled' || event.origin !== via) {
    if (skew === 'quarantine') warnOfClock(context, event)
    return undefined
  }
  // From here on: the origin itself brings it, so this is where it can be refused.
  if (skew === 'quarantine')
    return rejected('clock', 'its stamp is a day or more ahead of this node', true)
  if (skew === 'ahead') warnOfClock(context, event)
  return isClash(context.tables, event) ? forked : undefined
}

function warnOfClock({ logger }: LogContext, event: LogEvent): void {
  logger.warn('an event is stamped ahead of this clock', {
    id: event.id,
    origin: event.origin,
    stamp: String(event.stamp),
  })
}

/** Another event stands at this sequence of this origin. */
function isClash(tables: LogTables, event: LogEvent): boolean {
  const { origin, sequence, id } = event
  if (origin === null || sequence > tables.highest(origin)) return false
  return tables.at(origin, sequence).some((other) => other !== id)
}

function unknownParents(tables: LogTables, event: LogEvent): Receipt | undefined {
  const { parents } = event
  if (parents.length === 0) return undefined
  const heads = tables.heads(event.aggregateId)
  let unknown: EventId[] | undefined
  for (const parent of parents) {
    if (heads.some((head) => head.id === parent)) continue
    const row = tables.row(parent)
    if (row === undefined) {
      unknown ??= []
      unknown.push(parent)
    } else if (row.event.aggregateId !== event.aggregateId)
      return rejected('invalid', `its parent ${parent} belongs to another aggregate`)
  }
  return unknown === undefined ? undefined : { kind: 'missing', parents: unknown }
}

function headsWith(heads: readonly Head[], event: LogEvent): readonly Head[] {
  const others = heads.filter((head) => !event.parents.includes(head.id))
  return [...others, headOf(event)]
}

function sameHeader(one: LogEvent, other: LogEvent): boolean {
  return (
    one.origin === other.origin &&
    one.sequence === other.sequence &&
    one.stamp === other.stamp &&
    one.parents.length === other.parents.length &&
    one.parents.every((parent, at) => parent === other.parents[at])
  )
}

function placeOf({ origin, sequence, stamp, parents }: LogEvent) {
  return { origin, sequence, stamp, parents }
}

function rejected(
  reason: 'invalid' | 'id_conflict' | 'clock',
  message: string,
  retryable = false,
): Receipt {
  return { kind: 'rejected', reason, message, retryable }
}

const stored: Receipt = { kind: 'stored' }
const filled: Receipt = { kind: 'filled' }
const duplicate: Receipt = { kind: 'duplicate' }
const forked: Receipt = { kind: 'forked' }

import type { Batch, Receipt } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type EventId, erasedOf, isSnapshot, LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import { strandedWithout } from './ancestors.ts'
import { unknownParents } from './ancestry.ts'
import { type LogContext, nextPosition } from './context.ts'
import { takeHeader } from './orphans.ts'
import type { Row } from './tables.ts'

/*
 * What may happen to the content of an event; whatever comes in whatever order, the last of these that anybody
 * has seen is what all come to:
 *
 *   unknown ──▶ withheld ──▶ full ──▶ erased
 *
 * An erasure is a change of a row: it moves to a new position, where every reader and link meets it. It counts as
 * done here, wherever it came from, so it goes back to whoever brought it, too. That may have been a copy under
 * the same origin, and the erasure have come ahead of its cursor, as a parent: then what was left out for the
 * other one would not all lie before the cursors that give a copy away.
 */

/** One part of an erasure, as much as one transaction takes. */
export type ErasureSlice =
  | { readonly ids: readonly EventId[] }
  | { readonly aggregateId: string; readonly after: Position; readonly until: Position }

export interface SliceErased {
  /** Whose content, or stub, was here until now. */
  readonly erased: number
  readonly unknown: readonly EventId[]
  /** Of an aggregate: go on from here; absent at its end. */
  readonly next?: Position
}

/** Most rows in one transaction: some 20 ms of work. */
export const erasedAtOnce = 500

export function eraseSlice(context: LogContext, slice: ErasureSlice): SliceErased {
  const { tables } = context
  if ('ids' in slice) {
    const rows = slice.ids.map((id) => tables.row(id))
    const unknown = slice.ids.filter((_, at) => rows[at] === undefined)
    checkSnapshots(context, rows)
    return { erased: eraseAll(context, rows), unknown }
  }
  const rows = [...first(tables.scan({ ...slice, count: erasedAtOnce }))]
  const next = rows.length < erasedAtOnce ? undefined : rows.at(-1)?.position
  return { erased: eraseAll(context, rows), unknown: [], ...(next !== undefined && { next }) }
}

/**
 * The state of an aggregate must not be lost by accident, nor on some replicas only: any of them may have compacted
 * what a snapshot stands for. An erasure that comes over a link has been asked here, where it came from.
 */
function checkSnapshots({ tables }: LogContext, rows: readonly (Row | undefined)[]): void {
  const events = rows.flatMap((row) => row?.event ?? [])
  const erased = new Set(events.map(({ id }) => id))
  for (const aggregateId of new Set(events.filter(isSnapshot).map((event) => event.aggregateId))) {
    const range = { after: 0n as Position, until: tables.meta.position, aggregateId }
    const all = tables.scan({ ...range, count: Number.MAX_SAFE_INTEGER })
    const stranded = strandedWithout(
      erased,
      Array.from(all, ({ event }) => event),
    )
    if (stranded === undefined) continue
    const message = `${aggregateId} would lose its state: ${stranded} may be compacted, here or elsewhere, and only this snapshot says what came of it; take another snapshot first, or erase the whole aggregate`
    throw new RejoinError('invalid_argument', message, {
      operation: 'erase',
      component: 'store/log',
      details: { aggregateId, event: stranded },
    })
  }
}

/** An event that meets its erasure, or an erasure that meets its event. */
export function meetErased(
  context: LogContext,
  known: Row,
  event: LogEvent,
  batch: Batch<LogEvent>,
): Receipt {
  const { tables } = context
  if (known.event.aggregateId !== event.aggregateId) return otherEvent(event.id)
  const stub = erased(event, known.event)
  if (known.event.origin === null && stub.origin !== null) {
    const unlinked = unknownParents(tables, stub)
    if (unlinked === undefined && context.clock.judge(stub.stamp) !== 'unusable') {
      if (known.event.stub !== 'erased') tables.meta.erased += 1n
      takeHeader(context, known, stub, null)
      return changed
    }
    if (unlinked?.kind === 'missing') {
      if (batch.orphans !== 'adopt') return unlinked
      tables.keepOrphan(stub, unlinked.parents[0] as EventId)
    }
  }
  return erase(context, known, stub) ? changed : { kind: 'duplicate' }
}

/** `false` when there is nothing left to erase. `stub` may know the tenant where the row does not. */
function erase(context: LogContext, known: Row, stub: LogEvent): boolean {
  const { tables } = context
  const { meta } = tables
  const event = erased(known.event, stub)
  const wasErased = known.event.stub === 'erased'
  if (wasErased && known.event.metadataText === event.metadataText) return false
  const kept = tables.orphan(event.id)
  if (kept !== undefined) tables.keepOrphan(erased(kept.orphan, event), kept.parent)
  tables.move(known, { position: nextPosition(context), event, via: null })
  meta.moved += 1n
  if (!wasErased) meta.erased += 1n
  return true
}

function eraseAll(context: LogContext, rows: readonly (Row | undefined)[]): number {
  let count = 0
  for (const row of rows)
    if (row !== undefined && row.event.stub !== 'erased' && erase(context, row, row.event)) count++
  return count
}

/** Whoever knows the tenant makes it known. */
function erased(event: LogEvent, other: LogEvent): LogEvent {
  const stub = erasedOf(event)
  if (stub.metadataText !== '') return stub
  const { metadataText } = erasedOf(other)
  return metadataText === '' ? stub : new LogEvent({ ...stub, metadataText })
}

/** Not every scan keeps to its count. */
function* first(rows: Iterable<Row>): Iterable<Row> {
  let left = erasedAtOnce
  for (const row of rows) {
    if (left-- === 0) return
    yield row
  }
}

function otherEvent(id: EventId): Receipt {
  const message = `event ${id} is known in another aggregate`
  return { kind: 'rejected', reason: 'id_conflict', message, retryable: false }
}

const changed: Receipt = { kind: 'filled' }

import type { Batch, Receipt } from '../../contracts/index.ts'
import { type EventId, type LogEvent, sameContent, sameThroughGo } from '../../event/index.ts'
import { unknownParents } from './ancestry.ts'
import type { LogContext } from './context.ts'
import { meetErased } from './erase.ts'
import { fill } from './fill.ts'
import { lacksHeader, takeHeader } from './orphans.ts'
import { duplicate, filled, rejected } from './receipts.ts'
import type { Row } from './tables.ts'

/** An event whose id is known: the same fact again, what it lacks here, or another fact. */
export function meet(
  context: LogContext,
  known: Row,
  event: LogEvent,
  batch: Batch<LogEvent>,
  via: number,
): Receipt {
  const { tables } = context
  if (event.stub === 'erased' || known.event.stub === 'erased')
    return meetErased(context, known, event, batch)
  if (event.stub === null && !sameContent(known.event, event))
    return isGoForm(known.event, event, batch)
      ? duplicate
      : rejected('id_conflict', `event ${event.id} is known with other content`)
  if (lacksHeader(known.event, event)) return link(context, known, event, batch, via)
  if (event.stub !== null) return duplicate
  if (known.event.stub === 'withheld') {
    fill(context, known, event, via)
    return filled
  }
  const isTwin = known.event.stub === null && event.origin !== null
  if (isTwin && !sameHeader(known.event, event)) tables.meta.clashes += 1n
  return duplicate
}

function link(
  context: LogContext,
  known: Row,
  event: LogEvent,
  batch: Batch<LogEvent>,
  via: number,
): Receipt {
  const { tables } = context
  const unlinked = unknownParents(tables, event)
  if (unlinked === undefined && context.clock.judge(event.stamp) !== 'unusable') {
    takeHeader(context, known, event, via)
    return filled
  }
  if (unlinked?.kind === 'missing') {
    if (batch.orphans !== 'adopt') return unlinked
    if (event.stub === null) tables.keepOrphan(event, unlinked.parents[0] as EventId)
  }
  if (event.stub !== null || known.event.stub === null) return duplicate
  fill(context, known, event, via)
  return filled
}

/** It came through Go programs without its header, which may have rounded its numbers: ours are exact. */
function isGoForm(known: LogEvent, event: LogEvent, { orphans }: Batch<LogEvent>): boolean {
  const isBare = orphans === 'adopt' && event.origin === null
  return isBare && known.stub === null && sameThroughGo(known, event)
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

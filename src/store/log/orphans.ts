import { type EventId, LogEvent, withoutCausality } from '../../event/index.ts'
import { headsWithLinked, isClash, unknownParents } from './ancestry.ts'
import { type LogContext, nextPosition } from './context.ts'
import { renewOrigin } from './links.ts'
import type { LogTables, Row } from './tables.ts'

/*
 * An event whose parents are unknown, from where nobody can be asked for them, is taken in as one without
 * causality, so that the log stays causally closed:
 *
 *   arrives, parents unknown ──▶ without causality, its header kept under a parent it waits for
 *   arrives, parents known   ──▶ takes its header on    (whoever brings it)
 *   its last parent arrives  ──▶ takes its header on    (the one that was kept)
 *
 * Which of these comes first changes nothing in the end: the set of events decides.
 */

/** The form in which an orphan is taken in. Its header is kept until its parents are here. */
export function adopted(tables: LogTables, orphan: LogEvent, waitsFor: EventId): LogEvent {
  tables.keepOrphan(orphan, waitsFor)
  return withoutCausality(orphan)
}

/**
 * An event known without causality takes its header on: it moves to a new position, where every reader and
 * link meets it, and takes its place among the heads.
 */
export function takeHeader(
  context: LogContext,
  known: Row,
  event: LogEvent,
  via: Row['via'],
): void {
  const { tables, clock } = context
  const { meta } = tables
  const whole = event.stub === 'withheld' ? withContent(event, known.event) : event
  if (isClash(tables, whole)) meta.clashes += 1n
  // Its content has been shown there: whoever gets to see each event once does so at that position.
  if (known.event.stub === null) tables.keepFirstPlace({ position: known.position, id: whole.id })
  tables.move(known, { position: nextPosition(context), event: whole, via })
  meta.moved += 1n
  tables.setHeads(whole.aggregateId, headsWithLinked(tables, whole))
  tables.dropOrphan(whole.id)
  clock.observe(whole.stamp)
  // As in `take`: we did not know that we wrote this.
  if (whole.origin === meta.origin) renewOrigin(context)
}

/** A parent has come: whoever waited for it, and for nobody else, takes its header on. */
export function linkOrphans(context: LogContext, parent: EventId): void {
  const { tables } = context
  for (const orphan of tables.orphansOf(parent)) {
    const unlinked = unknownParents(tables, orphan)
    const known = tables.row(orphan.id)
    if (unlinked?.kind === 'missing') tables.keepOrphan(orphan, unlinked.parents[0] as EventId)
    else if (unlinked !== undefined || known === undefined || !lacksHeader(known.event, orphan))
      tables.dropOrphan(orphan.id)
    else takeHeader(context, known, orphan, known.via)
  }
}

/** Whether `event` brings the header that an event known without causality lacks. */
export function lacksHeader(known: LogEvent, event: LogEvent): boolean {
  if (known.origin !== null || event.origin === null) return false
  if (event.stub === 'erased' || known.stub === 'erased') return event.stub === known.stub
  if (event.stub === null) return known.stub === null || known.stub === 'withheld'
  return event.stub === 'withheld' && known.stub === null && known.hash === event.hash
}

function withContent(stub: LogEvent, { type, metadataText, dataText }: LogEvent): LogEvent {
  return new LogEvent({ ...stub, type, metadataText, dataText, stub: null })
}

import { latestUsableStamp, stampOf } from '../../clock/index.ts'
import type { Appended, Expected, Stale } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Draft, type EventId, LogEvent, sameContent } from '../../event/index.ts'
import { type LogContext, nextPosition } from './context.ts'
import { fill } from './fill.ts'
import { linkOrphans } from './orphans.ts'
import { type Head, headOf, type LogTables, type Row } from './tables.ts'

/**
 * Appends drafts in one transaction. Everything that can refuse is read before the first write, so that a
 * refusal leaves nothing to undo.
 */
export function append(
  context: LogContext,
  drafts: readonly Draft[],
  expected: Expected,
): Appended | Stale {
  const { tables } = context
  const known = knownRows(tables, drafts)
  const fresh = drafts.length - known.size
  if (fresh > 0 && expected !== 'any') {
    const aggregateId = (drafts[0] as Draft).aggregateId
    const heads = tables.heads(aggregateId).map((head) => head.id)
    if (!sameHeads(heads, expected)) return { kind: 'stale', aggregateId, heads }
  }
  // One alone is refused before it writes anything.
  if (fresh > 1) checkClock(context, drafts)
  return {
    kind: 'appended',
    events:
      known.size === 0
        ? drafts.map((draft) => appendOne(context, draft))
        : drafts.map((draft) => {
            const row = known.get(draft.id)
            return row === undefined ? appendOne(context, draft) : repeated(context, row, draft)
          }),
  }
}

function appendOne(context: LogContext, draft: Draft): LogEvent {
  const { tables } = context
  const { meta } = tables
  const heads = tables.heads(draft.aggregateId)
  const stamp = context.clock.tick(greatestStamp(heads))
  meta.sequence += 1n
  const event = new LogEvent({
    id: draft.id,
    origin: meta.origin,
    sequence: meta.sequence,
    stamp,
    parents: heads.map((head) => head.id),
    aggregateId: draft.aggregateId,
    type: draft.type,
    schemaVersion: draft.schemaVersion,
    hash: draft.hash,
    metadataText: draft.metadataText,
    dataText: draft.dataText,
    stub: null,
  })
  if (!tables.add({ position: nextPosition(context), event, via: null }))
    throw new RejoinError('internal', `a fresh event id is known already: ${event.id}`, {
      operation: 'append',
      component: 'store/log',
    })
  meta.events += 1n
  tables.setHeads(event.aggregateId, [headOf(event)])
  if (draft.givenId) linkOrphans(context, event.id)
  return event
}

/** A clock beyond use throws here, before anything is written. */
function checkClock({ tables, clock, runtime }: LogContext, drafts: readonly Draft[]): void {
  let greatest: bigint = stampOf(runtime.now())
  if (clock.last > greatest) greatest = clock.last
  let aggregateId: string | undefined
  for (const draft of drafts) {
    if (draft.aggregateId === aggregateId) continue
    aggregateId = draft.aggregateId
    const above = greatestStamp(tables.heads(aggregateId))
    if (above > greatest) greatest = above
  }
  const last = greatest + BigInt(drafts.length)
  if (last > latestUsableStamp) clock.tick(last)
}

/** As it stands here; what was withheld so far is here from now on. */
function repeated(context: LogContext, row: Row, draft: Draft): LogEvent {
  return row.event.stub === 'withheld' ? fill(context, row, draft, null) : row.event
}

function knownRows(tables: LogTables, drafts: readonly Draft[]): Map<EventId, Row> {
  const known = new Map<EventId, Row>()
  for (const draft of drafts) {
    const row = draft.givenId ? tables.row(draft.id) : undefined
    if (row === undefined) continue
    if (!sameContent(row.event, draft))
      throw new RejoinError('id_conflict', `event ${draft.id} is known with other content`, {
        operation: 'append',
        component: 'store/log',
        details: { id: draft.id },
      })
    known.set(draft.id, row)
  }
  return known
}

function sameHeads(heads: readonly EventId[], expected: readonly EventId[] | 'none'): boolean {
  if (expected === 'none') return heads.length === 0
  return heads.length === expected.length && heads.every((head) => expected.includes(head))
}

function greatestStamp(heads: readonly Head[]): bigint {
  let greatest = 0n
  for (const head of heads) if (head.stamp > greatest) greatest = head.stamp
  return greatest
}

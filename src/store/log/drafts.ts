import type { Expected } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Draft, draftOf, type EventLimits, type NewEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'

/** Most events in one append, and most bytes. */
export const appendLimits = { events: 2_000, bytes: 8 * 1024 * 1024 }

/** Checks an append as a whole; throws `invalid_event` or `invalid_argument` before anything is queued. */
export function draftsOf(
  events: readonly NewEvent[],
  expected: Expected,
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
  freshId: () => string,
): readonly Draft[] {
  if (!Array.isArray(events)) throw refused('events must be a list')
  if (events.length > appendLimits.events)
    throw refused(
      `${events.length} events in one append, at most ${appendLimits.events} are allowed`,
    )
  const drafts: Draft[] = []
  // Not `map`, which passes over holes.
  for (let index = 0; index < events.length; index++)
    drafts.push(draftOf(events[index] as NewEvent, index, limits, runtime, freshId))
  checkAppend(drafts, expected)
  return drafts
}

function checkAppend(drafts: readonly Draft[], expected: Expected): void {
  const ids = new Set<string>()
  for (const draft of drafts) {
    if (draft.givenId && ids.size === ids.add(draft.id).size)
      throw refused(`the id ${draft.id} is given twice in one append`)
  }
  const bytes = bytesOf(drafts)
  if (bytes > appendLimits.bytes)
    throw refused(`an append of ${bytes} bytes, at most ${appendLimits.bytes} are allowed`)
  const aggregateId = drafts[0]?.aggregateId
  if (expected !== 'any' && drafts.some((draft) => draft.aggregateId !== aggregateId))
    throw refused('with expected heads, all events must be of one aggregate')
}

/** Counts characters as bytes as long as that can't matter. */
function bytesOf(drafts: readonly Draft[]): number {
  let units = 0
  for (const draft of drafts) units += draft.dataText.length + draft.metadataText.length
  if (units * 3 <= appendLimits.bytes || units > appendLimits.bytes) return units
  const encoder = new TextEncoder()
  let bytes = 0
  for (const { dataText, metadataText } of drafts)
    bytes += encoder.encode(dataText).length + encoder.encode(metadataText).length
  return bytes
}

function refused(message: string): RejoinError {
  return new RejoinError('invalid_argument', message, {
    operation: 'append',
    component: 'store/log',
  })
}

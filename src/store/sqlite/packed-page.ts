import type { ChangePage, Entries } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import type { PageAnswers, PageKind } from '../log/index.ts'
import { type PackedEvents, packEvents, unpackEvents } from './packed-events.ts'

/** The answer to a `PageRequest`, in a form that is cheap to copy to another thread. */
export interface PackedPage {
  readonly events: PackedEvents
  /** Of entries only. */
  readonly positions?: BigInt64Array
  /** What the page says beside its events. */
  readonly rest: object
}

export function packPage(answer: PageAnswers[PageKind]): PackedPage {
  if (isList(answer)) return { events: packEvents(answer), rest: {} }
  return 'kind' in answer ? packChanges(answer) : packEntries(answer)
}

export function unpackPage<Kind extends PageKind>(kind: Kind, packed: PackedPage): PageAnswers[Kind]
export function unpackPage(kind: PageKind, packed: PackedPage): unknown {
  const events = unpackEvents(packed.events)
  const { rest, positions } = packed
  if (kind === 'fetch') return events
  if (kind === 'changes') return 'cursor' in rest ? { ...rest, changes: events } : rest
  const entries = events.map((event, at) => ({ position: positions?.[at] as Position, event }))
  return { ...rest, entries }
}

function isList(answer: PageAnswers[PageKind]): answer is PageAnswers['fetch'] {
  return Array.isArray(answer)
}

function packEntries({ entries, ...rest }: Entries): PackedPage {
  return {
    events: packEvents(entries.map((entry) => entry.event)),
    positions: BigInt64Array.from(entries, (entry) => entry.position),
    rest,
  }
}

function packChanges(page: ChangePage<LogEvent>): PackedPage {
  if (page.kind !== 'page') return { events: packEvents([]), rest: page }
  const { changes, ...rest } = page
  return { events: packEvents(changes), rest }
}

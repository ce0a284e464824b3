import type { ChangePage, Entries, ReadRange, Want } from '../../contracts/index.ts'
import type { EventId, Filter, LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import { at, checkFilter, checkIds, checkRange, checkWant } from './check-calls.ts'
import { changesAfter, entriesIn, eventsOf } from './pages.ts'
import type { LogTables } from './tables.ts'

/** A reading of many events, told as data, so that an engine may have another thread do it. */
export type PageRequest<Kind extends PageKind = PageKind> = Requests[Kind]

export type PageKind = keyof PageAnswers

/** What each kind of request is answered with. */
export interface PageAnswers {
  readonly entries: Entries
  readonly changes: ChangePage<LogEvent>
  readonly fetch: readonly LogEvent[]
}

/** Throws `invalid_argument` for a request that makes no sense. */
export function answerPage<Kind extends PageKind>(
  tables: LogTables,
  request: PageRequest<Kind>,
): PageAnswers[Kind]
export function answerPage(tables: LogTables, request: PageRequest): PageAnswers[PageKind] {
  switch (request.kind) {
    case 'entries':
      checkRange(request.range)
      return entriesIn(tables, request.range)
    case 'changes':
      checkWant(request.after, request.want)
      return changesAfter(tables, request.after, request.want)
    case 'fetch':
      checkIds(request.ids)
      if (request.filter !== undefined) checkFilter(request.filter, at('fetch'))
      return eventsOf(tables, request.ids, request.filter)
  }
}

interface Requests {
  readonly entries: { readonly kind: 'entries'; readonly range: ReadRange }
  readonly changes: { readonly kind: 'changes'; readonly after: Cursor; readonly want: Want }
  readonly fetch: {
    readonly kind: 'fetch'
    readonly ids: readonly EventId[]
    readonly filter?: Filter
  }
}

import type { Page, PullWant } from '../../../contracts/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import type { Filter, LogEvent } from '../../../event/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import { goPlace } from './go-identity.ts'

/**
 * Where a reading under a filter goes on in a Go server's log, as that log's own cursor: from the start when
 * it was read under another filter.
 */
export function ownCursor(after: Cursor, { filter }: PullWant): Cursor {
  if (filter?.tenant !== undefined) throw noTenants()
  // What is no cursor at all is answered with a reset.
  if (goPlace(unfiltered(after)) === undefined) return after
  return filterIn(after) === (filter?.fingerprint ?? '') ? unfiltered(after) : start
}

/** What the filter shows of a page. The server knows no filters: it has sent everything. */
export function shown(page: Page<LogEvent>, filter: Filter | undefined): Page<LogEvent> {
  if (filter === undefined) return page
  const { aggregate } = filter
  const isSelected = ({ aggregateId }: LogEvent) => aggregate?.(aggregateId) ?? true
  const changes = page.changes.filter(isSelected).map((event) => filter.withhold(event))
  const cursor = page.cursor === start ? start : (`${page.cursor}${filter.fingerprint}` as Cursor)
  return { ...page, changes, cursor }
}

/** The cursor without what it says of a filter. */
export function unfiltered(cursor: Cursor): Cursor {
  return cursor.slice(0, filterStart(cursor)) as Cursor
}

function filterIn(cursor: Cursor): string {
  return cursor.slice(filterStart(cursor))
}

function filterStart(cursor: Cursor): number {
  return cursor.lastIndexOf('.') + 1
}

/** An aggregate's first event is not known where pages are all there is. */
function noTenants(): RejoinError {
  const message =
    'a go-sync-kit server does not say whose an aggregate is: filter by aggregates or metadata instead of tenant'
  return new RejoinError('protocol', message, { operation: 'pull', component: 'transport/http' })
}

import type { StateRange } from '../../contracts/index.ts'
import type { Row } from './tables.ts'

/** What a range leaves of rows, in its order. */
export function ordered(rows: readonly Row[], range: StateRange): readonly Row[] {
  const { order = 'newest', limit, from, to } = range
  const within =
    from === undefined && to === undefined
      ? [...rows]
      : rows.filter(
          ({ created }) =>
            (from === undefined || created >= from) && (to === undefined || created <= to),
        )
  // Rows mostly come in the order of their creation, and then there is hardly anything to sort.
  within.sort(order === 'path' ? byPath : byCreation)
  if (order === 'newest') within.reverse()
  return limit === undefined || limit >= within.length ? within : within.slice(0, limit)
}

/** Oldest first; of equal times, the greater path first, so that newest first has paths in their order. */
export function byCreation(one: Row, other: Row): number {
  if (one.created !== other.created) return one.created < other.created ? -1 : 1
  return one.path < other.path ? 1 : one.path > other.path ? -1 : 0
}

function byPath(one: Row, other: Row): number {
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0
}

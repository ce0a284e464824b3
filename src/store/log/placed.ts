import type { LogTables, Row, ScanRange } from './tables.ts'

/**
 * The rows of a range in the order of their first places: one that took its header on stands where it stood before
 * that, and nowhere else.
 */
export function* scanFirstPlaces(
  tables: LogTables,
  range: Omit<ScanRange, 'count'>,
): Iterable<Row> {
  const places = tables.firstPlaces(range)[Symbol.iterator]()
  let next = places.next()
  const upTo = function* (before: bigint): Iterable<Row> {
    for (; !next.done && next.value.position < before; next = places.next()) {
      const { id, position } = next.value
      const row = tables.row(id)
      if (row !== undefined && isIn(range, row)) yield { ...row, position }
    }
  }
  // Rows that stand elsewhere don't count: whoever asks takes as many as it wants.
  for (const row of tables.scan({ ...range, count: Number.MAX_SAFE_INTEGER })) {
    yield* upTo(row.position)
    if (tables.firstPlace(row.event.id) === undefined) yield row
  }
  yield* upTo(range.until + 1n)
}

function isIn({ aggregateId, notVia }: Omit<ScanRange, 'count'>, { event, via }: Row): boolean {
  if (aggregateId !== undefined && event.aggregateId !== aggregateId) return false
  return notVia === undefined || via !== notVia
}

import { type EventId, erasedOf, type LogEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { decodeCommit, encodeCommit } from './journal.ts'

/**
 * A journal's records without the content of what has been erased since: each says the same as before, with the
 * stub in place of the event.
 */
export function withoutErased(
  records: readonly string[],
  runtime: Pick<Runtime, 'sha256'>,
): readonly string[] {
  const commits = records.map((record) => decodeCommit(record, runtime))
  const erased = new Set<EventId>()
  for (const { rows } of commits)
    for (const { row } of rows) if (row.event.stub === 'erased') erased.add(row.event.id)
  const left = (event: LogEvent) => (erased.has(event.id) ? erasedOf(event) : event)
  return commits.map((commit) =>
    encodeCommit({
      ...commit,
      rows: commit.rows.map(({ row, from }) => ({ row: { ...row, event: left(row.event) }, from })),
      orphans: new Map(
        [...commit.orphans].map(([id, kept]) => [
          id,
          kept === null ? null : { ...kept, orphan: left(kept.orphan) },
        ]),
      ),
    }),
  )
}

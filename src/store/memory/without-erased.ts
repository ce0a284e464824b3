import { compactedOf, type EventId, erasedOf, type LogEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { decodeCommit, encodeCommit } from './journal.ts'

/**
 * A journal's records without the content of what has been erased or compacted since: each says the same as before, with the
 * stub in place of the event.
 */
export function withoutErased(
  records: readonly string[],
  runtime: Pick<Runtime, 'sha256'>,
): readonly string[] {
  const commits = records.map((record) => decodeCommit(record, runtime))
  const gone = new Map<EventId, LogEvent['stub']>()
  // What is compacted may come to be erased, and is not filled again.
  for (const { rows } of commits)
    for (const { event } of rows.map(({ row }) => row))
      if (event.stub === 'erased' || event.stub === 'compacted') gone.set(event.id, event.stub)
  const left = (event: LogEvent) => {
    const stub = gone.get(event.id)
    if (stub === undefined) return event
    return stub === 'erased' ? erasedOf(event) : compactedOf(event)
  }
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

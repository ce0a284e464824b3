import type { LinkId } from '../../event/index.ts'
import { type Cursor, type Position, parseCursor, readUpTo } from '../../version/index.ts'
import type { ReaderContext } from './context.ts'
import type { ReaderRow } from './tables.ts'

/**
 * Notes how far a peer has pulled from this log, as it says in its greeting. Who is new, who has fallen back, and who
 * was not heard of for a day is written down at once. Who has only come farther waits in memory for the next commit
 * of events: a thousand who come back cost no flush, and what a crash forgets of it only keeps more.
 */
export function noteReader(
  { tables, runtime, heardReaders }: ReaderContext,
  peer: LinkId,
  pulled: Cursor,
): void {
  const point = parseCursor(pulled)
  const kept = tables.reader(peer)
  if (point === undefined && kept === undefined) return
  const upTo = point === undefined ? (0n as Position) : readUpTo(point)
  const now = { upTo, heard: runtime.now() }
  heardReaders.delete(peer)
  if (kept === undefined || upTo < kept.upTo || now.heard - kept.heard >= oneDay)
    tables.setReader(peer, now)
  else if (upTo > kept.upTo) heardReaders.set(peer, { now, kept })
}

/** Writes down what waits for a commit. */
export function keepReaders({ tables, heardReaders }: ReaderContext): void {
  if (heardReaders.size === 0) return
  for (const [peer, { now, kept }] of heardReaders)
    if (isSame(tables.reader(peer), kept)) tables.setReader(peer, now)
  heardReaders.clear()
}

/** How far each has come, as far as anybody knows. */
export function* readersOf({
  tables,
  heardReaders,
}: ReaderContext): Iterable<readonly [LinkId, ReaderRow]> {
  for (const [peer, row] of tables.readers()) {
    const heard = heardReaders.get(peer)
    yield [peer, heard !== undefined && isSame(row, heard.kept) ? heard.now : row]
  }
}

/** Another process may have written another row, of a greeting that came later. */
function isSame(one: ReaderRow | undefined, { upTo, heard }: ReaderRow): boolean {
  return one?.upTo === upTo && one.heard === heard
}

const oneDay = 24 * 60 * 60 * 1_000

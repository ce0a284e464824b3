import type { Connection } from './connection.ts'
import type { Database } from './database.ts'
import { resultCodeOf } from './failure.ts'
import type { Participant } from './participant.ts'

/** One queued write. Its result or error is told only once the group is committed. */
export interface WriteRequest {
  /** When it joined the queue, on the monotonic clock. */
  readonly since: number
  readonly work: (tx: Connection) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Given up by its caller before it began. */
  isWithdrawn: boolean
  /** Was in a group that failed: from now on it gets a transaction of its own. */
  isAlone: boolean
}

/** `taken` requests from the front of the queue were tried; those in `ran` had their turn. */
export type GroupOutcome = { readonly taken: number; readonly ran: readonly WriteRequest[] } & (
  | { readonly kind: 'committed'; readonly settle: () => void }
  /** Rolled back: nothing of it happened. */
  | { readonly kind: 'failed'; readonly error: unknown }
)

/**
 * Runs as many of `waiting` as fit before `isLate` in one transaction. A request that throws before it
 * wrote anything is refused by itself; anything worse rolls the group back.
 */
export function runGroup(
  db: Database,
  participant: Participant | undefined,
  waiting: readonly WriteRequest[],
  isLate: () => boolean,
): GroupOutcome {
  const ran: WriteRequest[] = []
  const told: (() => void)[] = []
  let taken = 0
  try {
    db.beginWrite()
    participant?.begin(db.connection, db.sawOutsideCommit())
    for (const request of waiting) {
      if (request.isAlone && ran.length > 0) break
      taken++
      if (request.isWithdrawn) continue
      ran.push(request)
      told.push(attempt(db, request))
      if (request.isAlone || isLate()) break
    }
    participant?.beforeCommit(db.connection)
    db.commit()
  } catch (error) {
    db.rollback()
    participant?.rolledBack()
    return { kind: 'failed', taken, ran, error }
  }
  participant?.committed()
  return { kind: 'committed', taken, ran, settle: () => told.forEach((tell) => void tell()) }
}

/** Runs one request; throws when what it left behind must not be committed. */
function attempt(db: Database, request: WriteRequest): () => void {
  const before = db.writes
  try {
    const value = request.work(db.connection)
    if (!db.isTransaction) throw new Error('The transaction ended inside the callback')
    return () => request.resolve(value)
  } catch (error) {
    // After a full disk SQLite has already rolled back everything, whoever caught the error.
    const isHarmless = db.isTransaction && resultCodeOf(error) === undefined && db.writes === before
    if (!isHarmless) throw error
    return () => request.reject(error)
  }
}

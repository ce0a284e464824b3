import type { Connection } from './connection.ts'

/**
 * Keeps state in memory in step with the file. All calls are synchronous and come in the order
 * `begin`, the group's writes, `beforeCommit`, and then either `committed` or `rolledBack`; a group
 * that fails anywhere, also in `begin` or `beforeCommit`, ends with `rolledBack`. What `begin` and
 * `beforeCommit` throw fails the group; the other two must not throw.
 */
export interface Participant {
  /**
   * The write lock is held. `outside`: another connection has committed since our last transaction, or
   * this is the first one, so nothing cached may be trusted.
   */
  begin(tx: Connection, outside: boolean): void
  /** Writes back what is dirty. */
  beforeCommit(tx: Connection): void
  committed(): void
  /** Nothing of the group happened: forget everything cached. */
  rolledBack(): void
}

import type { Runtime } from '../runtime/index.ts'
import type { StateChange } from './state-change.ts'

/** What becomes of versions of one path that were written without knowing of each other. */
export interface StatePolicy {
  /** Told in statuses: `last-write-wins`, `first-write-wins`, `merge-fields`, or your own. */
  readonly name: string

  /**
   * Makes one version of two. Has to be commutative, associative and idempotent, or replicas end up with
   * different states. Both are of the same path. Must not throw.
   */
  merge(one: StateChange, other: StateChange, runtime: Pick<Runtime, 'sha256'>): StateChange

  /**
   * Of versions with different `max(created, updated)` the later one stands, so that `merge` need not be asked
   * and what stands there need not be read as a whole.
   */
  readonly latest?: true

  /**
   * What a write makes of what stands there: the version to store, with a note if the policy keeps one;
   * `undefined` when it refuses the write and all stays as it is. Absent: the write is stored as it is.
   */
  write?(held: StateChange | undefined, written: StateChange): StateChange | undefined
}

/** Which policy a path has. */
export interface StatePolicies {
  of(path: string): StatePolicy
}

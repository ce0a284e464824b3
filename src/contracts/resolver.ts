import type { LogEvent } from '../event/index.ts'
import type { EffectiveEvent } from './effective.ts'

/**
 * Turns concurrent branches into one effective history. `resolve` must be pure: it is called again whenever
 * the history is folded, on every replica, and they agree only if it gives equal answers to equal conflicts.
 * So there is no "local" and "remote" here. What it throws leaves the conflict to review.
 */
export interface Resolver {
  /** Shown in the journal, and part of the rules' hash. */
  readonly name: string
  resolve(conflict: Conflict): Resolution
}

/**
 * Events of one scope that were written without knowledge of each other. Everything in it is in effective
 * order. A later event may join a conflict; it then is another conflict, and resolved anew.
 */
export interface Conflict {
  readonly aggregateId: string
  /** The scope within the aggregate: what `conflictKey` says of each of its events. */
  readonly key: string
  /** What counts of the scope's events before the conflict: what all branches knew, as it was resolved. */
  readonly base: readonly EffectiveEvent[]
  /** The scope's events that are in conflict, each once. */
  readonly events: readonly LogEvent[]
  /** Two or more, by the place of their last events. */
  readonly branches: readonly Branch[]
}

/**
 * An event that none of the conflict's others builds on, and those of the conflict's events that it builds
 * on: one side's story. Branches may share events.
 */
export interface Branch {
  readonly events: readonly LogEvent[]
  /** The last of `events`. */
  readonly head: LogEvent
}

/**
 * - `keep`: the events of these branches count (indexes, at least one), the others' are superseded.
 * - `merge`: the last of the conflict's events stands for all of them, with this JSON value as its data.
 * - `review`: a person decides. Until then, and after, everything counts; the answer is an event
 *   appended on top of all branches.
 *
 * `reasons` are for people to read, and equal on every replica as well.
 */
export type Resolution =
  | {
      readonly kind: 'keep'
      readonly winners: readonly number[]
      readonly reasons?: readonly string[]
    }
  | { readonly kind: 'merge'; readonly data: unknown; readonly reasons?: readonly string[] }
  | { readonly kind: 'review'; readonly reason: string }

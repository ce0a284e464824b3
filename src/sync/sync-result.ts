import type { RejoinError } from '../errors/index.ts'
import type { LinkResult } from '../link/index.ts'
import type { Cursor } from '../version/index.ts'
import type { ConflictCounts } from './pulled-conflicts.ts'

/** How one sync went. Remote trouble is in `errors`; what was moved before it stays moved. */
export interface SyncResult {
  /** Which remote, of a node with several; absent for one that has no name, and for several together. */
  readonly remote?: string
  /**
   * There was no trouble: everything this node has is confirmed by the remote, and everything of the remote
   * is here, as far as the filter goes; after a push or a pull the one or the other. A remote that takes
   * nothing confirms nothing.
   */
  readonly ok: boolean
  /** Events the remote stored or filled in; stubs don't count. */
  readonly pushed: number
  /** Events stored or filled in here; stubs don't count. */
  readonly pulled: number
  /**
   * Conflicts that pulled events take part in, that nobody has written on top of yet, and that the rules
   * resolved. The default rules resolve each by letting everything count.
   */
  readonly conflictsResolved: number
  /** Those of them that wait for a person instead: see `node.conflicts({ open: true })`. */
  readonly conflictsToReview: number
  /**
   * Hashes of other rules than this node's that nodes at the same remote have told it within a day: they may
   * resolve a conflict in another way. Empty where this node was given no rules.
   */
  readonly otherRules: readonly string[]
  readonly errors: readonly RejoinError[]
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Milliseconds. */
  readonly duration: number
  /** The end of this node's log. */
  readonly localVersion: Cursor
  /** The end of the remote's log as last heard; empty when it was never reached. */
  readonly remoteVersion: Cursor
}

export function syncResult(
  link: LinkResult,
  { resolved, toReview }: ConflictCounts,
  otherRules: readonly string[],
  time: { readonly startedAt: number; readonly duration: number },
  localVersion: Cursor,
): SyncResult {
  const { pushed, pulled, errors, remoteEnd } = link
  return {
    ok: errors.length === 0,
    pushed,
    pulled,
    conflictsResolved: resolved,
    conflictsToReview: toReview,
    otherRules,
    errors,
    ...time,
    localVersion,
    remoteVersion: remoteEnd ?? ('' as Cursor),
  }
}

import type { LinkId, Origin } from '../event/index.ts'
import type { Lineage, Position } from '../version/index.ts'
import type { Applied, Batch, Replica } from './replica.ts'
import type { LinkedChange, StateChange, StateRow } from './state-change.ts'
import type { StatePolicies } from './state-policy.ts'

/**
 * A durable set of paths with a feed: each path has one row, at the position of its latest change; a delete
 * leaves a tombstone. What changes a row moves it to a new position at the end. Positions strictly increase in
 * commit order and are never reused.
 *
 * As a replica, an id is a path: `fetch` takes paths. `apply` joins each change with what stands there, by the
 * path's policy (T1); what does not change anything is a `duplicate` and moves nothing.
 *
 * Every call is safe to make concurrently, also from several processes where the storage is shared.
 */
export interface StateStorage extends Replica<LinkedChange> {
  /** What decides between versions of a path; the same on all replicas. */
  readonly policies: StatePolicies
  /** Reads touch no disk and no network. A tree keeps a copy in memory of a storage that has to. */
  readonly inMemory: boolean

  /** As every replica; a plain change will do. */
  apply(batch: Batch<StateChange>, signal?: AbortSignal): Promise<Applied>
  // Last, because TypeScript looks there for what this is a replica of.
  apply(batch: Batch<LinkedChange>, signal?: AbortSignal): Promise<Applied>

  /** What is here of these paths, tombstones too, as of one moment, in their order. */
  rows(paths: readonly string[], signal?: AbortSignal): Promise<StateRows>

  /** The living objects that match, as of one moment. Costs what matches, not what is stored. */
  list(range?: StateRange, signal?: AbortSignal): Promise<StateList>

  /** The paths of what lives, in their order, a page at a time, as of one moment. */
  paths(range?: PathRange, signal?: AbortSignal): Promise<StatePaths>

  /** Rows in position order: what came after a position. */
  feed(range?: FeedRange, signal?: AbortSignal): Promise<StateFeed>

  /**
   * Stores versions as they are, durably, in one commit and in their order, each at a position of its own,
   * one after the other. `stale`, and nothing stored, when the feed does not end at `expects`
   * any more: somebody else has written.
   */
  commit(commit: StateCommit, signal?: AbortSignal): Promise<StateCommitted | StateStale>

  /** The position of the latest change, also a delete, of a path that matches; 0 for none. */
  latest(pattern: string, signal?: AbortSignal): Promise<Position>

  /** The marks that tell whether a position is of this feed's own history. */
  lineage(signal?: AbortSignal): Promise<Lineage>

  /**
   * Drops tombstones of deletes before that time and up to that position. The greatest delete time is kept for
   * each list, and the horizon moves. Resolves with how many went.
   */
  collect(what: Collection, signal?: AbortSignal): Promise<number>

  /**
   * Drops tombstones that nobody needs any more: where nothing is pulled from elsewhere, those whose delete is older
   * than a minimum age and that every member this storage knows of has passed, be it one that pulls from here or one
   * that is pushed to; and those that have stood here for longer than the horizon, whoever lacks them. Who then comes
   * from below the horizon is answered `reset`, and reads all that lives. Drops a bounded number at once.
   */
  sweep(what: Sweep, signal?: AbortSignal): Promise<Swept>

  /**
   * Writes from elsewhere that came too late: to a path where nothing stands, and no newer than a delete in its
   * list that is forgotten by now, so that nobody can tell any more whether they were deleted. A tombstone of
   * just that version stands in the place of each, and takes it out everywhere. By position.
   */
  late(range?: LateRange, signal?: AbortSignal): Promise<readonly LateWrite[]>

  /** Resolves with how many there were. */
  forgetLate(positions: readonly Position[], signal?: AbortSignal): Promise<number>

  /**
   * Takes out all that matches, in one commit and as if it had never been here: what lives, tombstones, late writes,
   * and what is remembered of collected deletes in these lists. No tombstone tells anybody of it. The feed goes on
   * under another origin and lineage, and all links start over: no peer takes it to have what it had, and no cursor
   * or version from before holds. Takes a position for itself.
   */
  forget(what: Forgetting, signal?: AbortSignal): Promise<Forgotten>

  status(signal?: AbortSignal): Promise<StateStatus>
}

/** Where a feed stands. */
export interface StateMoment {
  /** The position of the last change; 0 for none. */
  readonly end: Position
  /**
   * No later tombstone has been collected: who has read up to here or beyond misses no delete, and who has not
   * must read all that lives.
   */
  readonly horizon: Position
  /** The greatest time of any change, as far as a clock may follow it: where clocks go on after a restart. */
  readonly clock: bigint
}

export interface StateRows extends StateMoment {
  /** One for each path asked for. */
  readonly found: readonly StateFound[]
}

export interface StateFound {
  readonly row: StateRow | undefined
  /** The greatest time of a delete in this path's list whose tombstone is gone; 0 for none. */
  readonly collected: bigint
}

/** Which objects, in which order. */
export interface StateRange {
  /** A path or pattern; absent: everything. */
  readonly pattern?: string
  /** By `created`, ties by path; or by path. Default `newest`. */
  readonly order?: StateOrder
  /** Most objects; a whole number above 0. Default all. */
  readonly limit?: number
  /** Only those created at this time or later, in nanoseconds. */
  readonly from?: bigint
  /** Only those created at this time or before. */
  readonly to?: bigint
}

export type StateOrder = 'newest' | 'oldest' | 'path'

export interface StateList extends StateMoment {
  /** No tombstones. */
  readonly rows: readonly StateRow[]
}

/** Which paths. */
export interface PathRange {
  /** What they begin with. Default every path. */
  readonly prefix?: string
  /** How many to pass over; default 0. */
  readonly skip?: number
  /** Most of them; a whole number above 0. Default all. */
  readonly limit?: number
}

export interface StatePaths extends StateMoment {
  readonly paths: readonly string[]
  /** Of all that begin so. */
  readonly total: number
}

/** Which rows; whichever of `count` and `bytes` is reached first ends the page. */
export interface FeedRange {
  /** Default from the beginning. */
  readonly after?: Position
  /** Nothing behind this position, which the caller has heard of: no need to look what else there may be. Default all. */
  readonly upTo?: Position
  /** Default 1,000. */
  readonly count?: number
  /** Roughly. Default 4 MiB. */
  readonly bytes?: number
}

export interface StateFeed extends StateMoment {
  /** Whose feed it is: under another origin there may be less than there was. */
  readonly origin: Origin
  readonly rows: readonly StateRow[]
  /** Go on after this position. */
  readonly next: Position
  readonly more: boolean
}

export interface StateCommit {
  readonly expects: Position
  /** A path may come more than once; the feed keeps the last. */
  readonly changes: readonly StateChange[]
  /**
   * The last tick of the clock that these are of, nanoseconds since 1970: it is to go on above that after a restart,
   * however far behind the wall clock may be then. Absent: what the changes say, as of anybody's.
   */
  readonly clock?: bigint
}

export interface StateCommitted {
  readonly kind: 'committed'
  /** The changes at their positions. */
  readonly rows: readonly StateRow[]
}

export interface StateStale {
  readonly kind: 'stale'
}

export interface Collection {
  /** Nanoseconds since 1970. */
  readonly before: bigint
  readonly upTo: Position
}

/** Which tombstones may go. Times in milliseconds. */
export interface Sweep {
  /** Since the delete, whoever has seen it. More than clocks may differ. */
  readonly minimumAge: number
  /** Since it stands here, whoever has not seen it. */
  readonly horizon: number
}

export interface Swept {
  readonly dropped: number
  /** There is more to drop right now. */
  readonly more: boolean
  /** What has gone, if there is no more: tombstones within one of these. */
  readonly by: readonly Collection[]
}

/** Which late writes; as those of a feed. */
export interface LateRange {
  /** Default from the beginning. */
  readonly after?: Position
  /** Default 1,000. */
  readonly count?: number
}

export interface LateWrite {
  /** Of the tombstone that was put in its place. */
  readonly position: Position
  readonly change: StateChange
  /** Who brought it. */
  readonly via: LinkId
  /** When it came: milliseconds since 1970. */
  readonly at: number
}

export interface Forgetting {
  /** Paths or patterns. */
  readonly patterns: readonly string[]
  /** Paths or patterns that go with them, uncounted. */
  readonly along?: readonly string[]
  /** What this peer has not confirmed counts as unsent. Absent: all of it. */
  readonly sentTo?: LinkId
}

/** What has gone. */
export interface Forgotten {
  readonly objects: number
  readonly tombstones: number
  /** Of both: what the peer had not confirmed. */
  readonly unsent: number
  readonly late: number
}

export interface StateStatus extends StateMoment {
  readonly node: string
  readonly origin: string
  readonly objects: bigint
  readonly tombstones: bigint
  /** Writes that came too late and are kept: see `late`. */
  readonly late: bigint
}

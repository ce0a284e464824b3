import type { EventId, LogEvent, NewEvent } from '../event/index.ts'
import type { Cursor, Position } from '../version/index.ts'
import type { ProjectionSink } from './projection-sink.ts'
import type { Replica } from './replica.ts'

/** A durable log of events: a replica that applications append to and read. */
export interface EventStore extends Replica<LogEvent> {
  /**
   * Appends in one commit and resolves once it is as durable as the store promises (by default: flushed).
   * At most 2,000 events and 8 MiB. An event whose id is known with equal content is not stored again and
   * comes back as it stands in the log, so a repeat completes what a crash cut short. Rejects, with
   * nothing stored: `invalid_event`, `id_conflict`, `storage_*`.
   */
  append(events: readonly NewEvent[], options?: AppendOptions): Promise<Appended | Stale>

  /** Entries in position order from the log or one aggregate. */
  entries(range?: ReadRange, signal?: AbortSignal): Promise<Entries>

  /** The aggregate's events that no other names as parent, oldest first; empty for an unknown one. */
  heads(aggregateId: string, signal?: AbortSignal): Promise<readonly EventId[]>

  /**
   * Erases the content of events for good: by id, or all that is here of an aggregate. What remains of each is
   * a stub, with header and tenant; it syncs like any change and wins on every replica over the content,
   * whatever comes in whatever order. The id stays known, so the event never comes back. Resolves once that is
   * durable, and nothing of the content is left in what the store keeps itself (backups and copies are others'
   * business). In parts of 500 events, each in one commit: after a failure, a repeat completes it. What is
   * appended to the aggregate later, or comes of it later, is not erased.
   *
   * Rejects with `invalid_argument`, having erased nothing more, for the only snapshot that stands
   * for some events, because a replica may have compacted them: take another snapshot first, or erase the whole aggregate. Rejects with `storage_*`; `storage_busy` also when all is erased and a reader has held on to the old
   * bytes for 30 s: a repeat tries again.
   */
  erase(what: Erasure, signal?: AbortSignal): Promise<Erased>

  /**
   * Takes the content of events that a snapshot stands for out of this store, and only this: what remains of each is
   * a stub at its place, which others are sent as such. An aggregate is compacted as far as all that some snapshot
   * covers, and the snapshot, stand at or before the horizon, the snapshot is old enough (30 days, unless `olderThan`
   * says otherwise), and everybody has come past it: each remote that this store pushes to, each peer that pulls from
   * it, and `readers`. What stood in the way of the rest is told.
   * In parts of 500 events, each in one commit: after a failure or an abort, a repeat completes it. Absent: this
   * store can't.
   */
  compact?(options?: CompactOptions): Promise<Compacted>

  status(signal?: AbortSignal): Promise<StoreStatus>

  /** Where read models can live beside the log, as durable as it is. Absent: they live in memory. */
  readonly projections?: ProjectionSink
}

export interface CompactOptions {
  /**
   * The horizon in time: a snapshot that was taken less than this ago, by its stamp and this store's clock, is as good as
   * none, so what it covers stays at least so long: losers of conflicts among it can be restored. Milliseconds; default
   * 30 days. 0: no such horizon.
   */
  readonly olderThan?: number
  /** A horizon in the log as well: what stands behind this position is kept. Default: the end of the log. */
  readonly before?: Position
  /** Only this aggregate. */
  readonly aggregateId?: string
  /**
   * Peers that have not been heard of for so long are not waited for: what they have not pulled they get as stubs,
   * with the snapshot. Milliseconds; default 30 days. Remotes that this store pushes to are always waited for.
   */
  readonly silence?: number
  /** Whoever else reads this log, such as read models. */
  readonly readers?: readonly CompactionReader[]
  /** Names of links and readers that are not waited for, such as a hub that is no more. */
  readonly leaveBehind?: readonly string[]
  readonly onProgress?: (progress: CompactionProgress) => void
  readonly signal?: AbortSignal
}

export interface CompactionReader {
  readonly name: string
  /** It has read up to here. */
  readonly upTo: Position
  /** Aggregates of which it may read something once more. */
  readonly holds?: readonly string[]
}

export interface CompactionProgress {
  readonly compacted: number
  /** Positions of the log behind, and in all. */
  readonly done: number
  readonly total: number
}

export interface Compacted {
  /** Events whose content is not here any more. */
  readonly compacted: number
  /** What that has set free, about: in characters. */
  readonly bytes: number
  readonly aggregates: number
  /** Up to here everybody has come, and the horizon allows it. */
  readonly upTo: Position
  readonly kept: readonly CompactionKept[]
}

/** An obstacle that has kept aggregates from being compacted, or from being compacted further. */
export interface CompactionKept {
  /**
   * `unsent`: a remote has not got all of it. `reader`: a peer that pulls from here has not come so far. `behind`: nor has
   * one of `readers`. `parked`: a remote refuses an event of the aggregate, or one of `readers` may look at it again.
   * `unlinked`: some of it has no causality yet. `horizon`: it stands behind `before`. `young`: its snapshot is
   * younger than the horizon, `olderThan`.
   */
  readonly reason: 'unsent' | 'reader' | 'behind' | 'parked' | 'unlinked' | 'horizon' | 'young'
  /** The link or the reader. */
  readonly name?: string
  /** How far it has come. */
  readonly upTo?: Position
  /** How many aggregates it kept, and one of them. */
  readonly aggregates: number
  readonly aggregateId: string
}

/** What is to be erased. */
export type Erasure = readonly EventId[] | { readonly aggregateId: string }

export interface Erased {
  /** Events that were not erased before. */
  readonly erased: number
  /** Ids that are not here: nothing is remembered of them. */
  readonly unknown: readonly EventId[]
}

/** What an append demands of the aggregate it goes to, and how it is called off. */
export interface AppendOptions {
  /** Default `any`. Anything else needs all events in one aggregate. */
  readonly expected?: Expected
  readonly signal?: AbortSignal
}

/** The heads the writer decided on, `none` for an aggregate without events, or `any`. */
export type Expected = readonly EventId[] | 'none' | 'any'

export interface Appended {
  readonly kind: 'appended'
  readonly events: readonly LogEvent[]
}

/** The aggregate has other heads than expected; nothing was stored. */
export interface Stale {
  readonly kind: 'stale'
  readonly aggregateId: string
  readonly heads: readonly EventId[]
}

/**
 * Which entries a read wants; without any field, the first page of the whole log. Whichever of `count` and
 * `bytes` is reached first ends the page; when there is an entry, at least one comes.
 */
export interface ReadRange {
  /** Only this aggregate. */
  readonly aggregateId?: string
  /** Entries after this position; default from the beginning. */
  readonly after?: Position
  /** A whole number above 0; default 1,000. */
  readonly count?: number
  /** Above 0, roughly: the page ends with the entry that reaches it. Default 4 MiB. */
  readonly bytes?: number
  /**
   * Where an event is listed that came without causality, with its content, and took its header on later: at the
   * position that it moved to then (`last`, the default), or for good at the one before (`first`), so that who
   * has read past it never meets it again. Each event is listed once either way.
   */
  readonly placed?: 'last' | 'first'
}

export interface Entries {
  readonly entries: readonly Entry[]
  /** Go on after this position. */
  readonly next: Position
  readonly more: boolean
}

export interface Entry {
  readonly position: Position
  readonly event: LogEvent
}

/** A store as of one moment: who it is, what it holds and how each of its links stands. */
export interface StoreStatus {
  readonly node: string
  readonly origin: string
  readonly position: Position
  readonly events: bigint
  /** Of them, those whose content is erased. */
  readonly erased: bigint
  readonly aggregates: bigint
  /** Two events at one sequence of an origin, or one event with two headers: stored, and worth a look. */
  readonly clashes: bigint
  /**
   * Milliseconds by which this node's hybrid clock runs ahead of its wall clock: 0 or more, and at most the
   * clock's bound (default a minute) unless the wall clock was set back.
   */
  readonly clockLead: number
  readonly links: readonly {
    readonly link: string
    readonly pulled: Cursor
    readonly pushed: Cursor
    /** Changes the other end has not confirmed. */
    readonly unsynced: bigint
    readonly parked: number
  }[]
}

import type { LateRange, LateWrite, StateObject, StateOrder } from '../contracts/index.ts'
import type { JsonText } from '../json/json-text.ts'
import type { PatchForm } from '../json/patch/patched.ts'
import type { Position } from '../version/index.ts'

/**
 * A live tree of JSON documents: one named storage of it, and its ephemeral paths. Every call may be made
 * concurrently; writes take effect one after the other, each at a time of its own, and resolve when they are
 * as durable as the storage is.
 *
 * Rejects with `invalid_argument` (a path, a pattern, data that has no JSON form, an option), `too_large`,
 * `storage_*`, `clock`, `closed`, or the signal's reason if it aborts before the effect.
 */
export interface State {
  /** The storage's name in its tree. */
  readonly name: string

  /** First segments that are no paths. Absent: nobody knows. */
  readonly reserved?: readonly string[]

  /** What stands at a path; `undefined` when nothing does. */
  get<Data = unknown>(path: string, signal?: AbortSignal): Promise<StateObject<Data> | undefined>

  /** The objects that match a pattern, newest first unless asked otherwise. */
  list<Data = unknown>(
    pattern: string,
    options?: ListOptions,
  ): Promise<readonly StateObject<Data>[]>

  /** As `list`, with the version that the answer is of. A path gives one object or none. */
  snapshot<Data = unknown>(pattern: string, options?: ListOptions): Promise<Snapshot<Data>>

  /** Paths in their order, a page at a time. */
  keys(options?: KeysOptions): Promise<KeyPage>

  /**
   * Puts data in place of what stands at the path, which keeps its `created`. For a path that ends in `*`: as
   * `push`.
   */
  set<Data = unknown>(
    path: string,
    data: Data | JsonText,
    options?: WriteOptions,
  ): Promise<Written<Data> | Stale<Data> | Kept<Data>>

  /** A new object in the list `users/*`, at an index that nobody has: the time in nanoseconds, in hex. */
  push<Data = unknown>(
    list: string,
    data: Data | JsonText,
    options?: CallOptions,
  ): Promise<Written<Data>>

  /**
   * Changes a part of what stands there: see `PatchForm`. What does not fit rejects with `invalid_argument`
   * and changes nothing.
   */
  patch<Data = unknown>(
    path: string,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<Written<Data> | Stale<Data> | Kept<Data> | Absent>

  /**
   * Deletes an object, or all that match a pattern, in one commit; a pattern takes no `expected`, and is never
   * `absent`.
   */
  delete(pattern: string, options?: WriteOptions): Promise<Deleted | Stale | Kept | Absent>

  /**
   * Reads, computes and writes with nobody in between. `change` answers the new data, or `undefined` to leave
   * all as it is; it must be synchronous, may be called more than once, and what it throws rejects the call.
   */
  update<Data = unknown>(
    path: string,
    change: (object: StateObject<Data> | undefined) => Data | JsonText | undefined,
    options?: CallOptions,
  ): Promise<Written<Data> | Kept<Data>>

  /**
   * Several writes in one commit: all of them, or, when one is stale, refused or absent, none. Watchers are
   * told once. At most 1,000; all of them in the storage, or all under one ephemeral pattern.
   */
  write(writes: readonly StateWrite[], options?: CallOptions): Promise<WriteOutcome>

  /**
   * What changes under a path or pattern, in feed order, from this call on. A reader that falls behind by
   * more than 1,000 notices gets one with `behind`, and goes on from a new `snapshot`; so does everybody when
   * paths are forgotten. Ends when the signal aborts or the tree is closed.
   */
  watch<Data = unknown>(pattern: string, signal: AbortSignal): AsyncIterable<Notice<Data>>

  /**
   * As `watch`, called at once after each commit, before the write resolves. What `listener` throws is
   * logged. Returns how to stop.
   */
  observe<Data = unknown>(pattern: string, listener: (notice: Notice<Data>) => void): () => void

  /**
   * Whether anything under a pattern may have changed since that version: also when the version is of another
   * history, or so old that deletes since are forgotten.
   */
  changedSince(pattern: string, version: string, signal?: AbortSignal): Promise<boolean>

  /**
   * Writes from other members that came so late that nobody can tell any more whether they were deleted. They are
   * not in the tree; each waits here to be restored or forgotten. In the order in which they came.
   */
  late(options?: LateOptions): Promise<readonly LateWrite[]>

  /** Writes it anew, as of now, where nothing stands, and forgets it; `stale`, and still kept, elsewhere. */
  restoreLate<Data = unknown>(
    late: LateWrite,
    options?: CallOptions,
  ): Promise<Written<Data> | Stale<Data> | Kept<Data>>

  /** Resolves with how many were still kept. */
  forgetLate(late: readonly LateWrite[], options?: CallOptions): Promise<number>
}

export interface LateOptions extends CallOptions, LateRange {}

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface WriteOptions extends CallOptions {
  /** What must stand there now, or the write is `stale` and changes nothing. Default `any`. */
  readonly expected?: Expected | undefined
}

/**
 * - an `updated`, or an object that was read: it still stands there (an object tells more: `updated` is 0 in
 *   every object that was written once)
 * - `none`, or `undefined` as `get` answers it: nothing stands there
 * - `some`: something does
 */
export type Expected = bigint | Pick<StateObject, 'created' | 'updated'> | 'none' | 'some' | 'any'

export interface PatchOptions extends WriteOptions {
  readonly form?: PatchForm
}

export interface ListOptions extends CallOptions {
  /** By `created`, ties by path; or by path. Default `newest`. */
  readonly order?: StateOrder
  /** Most objects; a whole number above 0. */
  readonly limit?: number
  /** Nanoseconds: only what was created then or later. */
  readonly from?: bigint
  /** Nanoseconds: only what was created then or before. */
  readonly to?: bigint
}

export interface Snapshot<Data = unknown> {
  readonly objects: readonly StateObject<Data>[]
  readonly position: Position
  readonly version: string
}

export interface KeysOptions extends CallOptions {
  /** A prefix, or a pattern with `*`; default every path. */
  readonly filter?: string
  /** Paths to pass over; default 0. */
  readonly skip?: number
  /** Default 50, at most 10,000. */
  readonly limit?: number
}

export interface KeyPage {
  readonly keys: readonly string[]
  /** Of all that the filter shows. */
  readonly total: number
}

export interface Written<Data = unknown> {
  readonly kind: 'written'
  readonly object: StateObject<Data>
  readonly version: string
}

/** Something else than expected stands there: this, or nothing. */
export interface Stale<Data = unknown> {
  readonly kind: 'stale'
  readonly object: StateObject<Data> | undefined
}

/** The path's policy, or `update`, left what stands there. */
export interface Kept<Data = unknown> {
  readonly kind: 'kept'
  readonly object: StateObject<Data> | undefined
}

/** Nothing stands there. */
export interface Absent {
  readonly kind: 'absent'
}

export interface Deleted {
  readonly kind: 'deleted'
  readonly paths: readonly string[]
  readonly version: string
}

/** One of several writes. */
export type StateWrite =
  | { readonly set: string; readonly data: unknown; readonly expected?: Expected | undefined }
  | { readonly push: string; readonly data: unknown }
  | {
      readonly patch: string
      readonly with: unknown
      readonly form?: PatchForm
      readonly expected?: Expected | undefined
    }
  | { readonly delete: string; readonly expected?: Expected | undefined }

export type WriteOutcome =
  | { readonly kind: 'written'; readonly results: readonly (Written | Deleted)[] }
  /** Nothing was written, because of the write at this place. */
  | { readonly kind: 'refused'; readonly at: number; readonly result: Stale | Kept | Absent }

/** What one commit changed under a pattern. */
export interface Notice<Data = unknown> {
  /** In feed order. Empty when `behind`. */
  readonly changes: readonly Change<Data>[]
  /** Of the last of them. */
  readonly position: Position
  readonly version: string
  /** Everything that matches this pattern was deleted at once. */
  readonly cleared?: string
  /** Not all that has changed was told: read a snapshot. */
  readonly behind?: true
}

/** One path's change. */
export interface Change<Data = unknown> {
  readonly path: string
  readonly position: Position
  /** What stands there now; `undefined`: it was deleted. */
  readonly object: StateObject<Data> | undefined
  /** What stood there before, where that is known. */
  readonly before?: StateObject<Data>
}

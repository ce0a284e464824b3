import type { StateObject } from '../contracts/index.ts'
import type { JsonText } from '../json/json-text.ts'
import type { PatchForm } from '../json/patch/patched.ts'
import type { SubscribeOptions, Subscription } from './live/subscription.ts'

/**
 * A state server, a Rejoin or an ooo one, from afar. Every call may be made concurrently, and rejects with its
 * signal's reason when that aborts, otherwise with a `RejoinError`: `invalid_argument` (a path, data without a
 * JSON form, what the server refuses with 400), `network`, `timeout`, `unavailable` (with `details.retryAfter`,
 * milliseconds, when the server said so), `unauthorized`, `forbidden`, `too_large`, `protocol`, and `closed`
 * after `close`.
 */
export interface StateClient extends AsyncDisposable {
  /** What stands at a path; `undefined` when nothing does. */
  get<Data = unknown>(path: string, signal?: AbortSignal): Promise<StateObject<Data> | undefined>

  /** The objects that match a pattern, newest first unless asked otherwise. */
  list<Data = unknown>(
    pattern: string,
    options?: ListOptions,
  ): Promise<readonly StateObject<Data>[]>

  /** Paths in the server's order, a page at a time. */
  keys(options?: KeysOptions): Promise<KeyPage>

  /** Puts data in place of what stands at the path. `kept`: the path's policy left what stood there. */
  set<Data = unknown>(
    path: string,
    data: Data | JsonText,
    options?: WriteOptions,
  ): Promise<Written | Kept | Queued>

  /**
   * A new object in the list `users/*`; its index is the server's, or one that is drawn here when writes are
   * queued, so that a push that is sent twice is one object.
   */
  push<Data = unknown>(
    list: string,
    data: Data | JsonText,
    options?: WriteOptions,
  ): Promise<Written | Kept | Queued>

  /** Changes a part of what stands there: see `PatchForm`. */
  patch(
    path: string,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<Written | Kept | Absent | Queued>

  /** Deletes an object, or all that match a pattern. */
  delete(pattern: string, options?: WriteOptions): Promise<Deleted | Kept | Absent | Queued>

  /**
   * Follows one object: its value now, and again whenever it changes; `undefined` where nothing stands. The
   * subscription stays through outages, and asks for nothing that it has. It begins at once.
   */
  subscribe<Data = unknown>(
    path: string,
    onValue?: (object: StateObject<Data> | undefined) => void,
    options?: SubscribeOptions,
  ): Subscription<StateObject<Data> | undefined>

  /**
   * Follows all that match a pattern, in the server's order: newest first, unless a filter there says otherwise.
   * Objects that did not change are the same ones as before.
   */
  subscribeList<Data = unknown>(
    pattern: string,
    onValue?: (objects: readonly StateObject<Data>[]) => void,
    options?: SubscribeOptions,
  ): Subscription<readonly StateObject<Data>[]>

  /**
   * The network is back, says somebody who knows: what waits for its next attempt makes it now. In a page:
   * `addEventListener('online', () => client.nudge())`.
   */
  nudge(): void

  /** Sends what is queued; resolves with how many writes still wait: more than 0 when the server can't be reached. */
  flush(signal?: AbortSignal): Promise<number>

  /** Ends subscriptions and calls; what is queued stays in its storage. Idempotent. */
  close(): Promise<void>
}

export interface WriteOptions {
  readonly signal?: AbortSignal
}

export interface PatchOptions extends WriteOptions {
  /** Default `merge`. */
  readonly form?: PatchForm
}

export interface ListOptions {
  readonly signal?: AbortSignal
  /** Default `newest`, as the server has it. */
  readonly order?: 'newest' | 'oldest'
}

export interface KeysOptions {
  readonly signal?: AbortSignal
  /** A prefix, or a pattern with `*`; default every path. */
  readonly filter?: string
  /** From 1 on, the default. */
  readonly page?: number
  /** Paths on a page: default 50, at most 500. */
  readonly limit?: number
}

export interface KeyPage {
  readonly keys: readonly string[]
  /** Of all that the filter shows. */
  readonly total: number
}

export interface Written {
  readonly kind: 'written'
  readonly path: string
  /** The last segment of the path. */
  readonly index: string
}

export interface Deleted {
  readonly kind: 'deleted'
}

/** The path's policy left what stands there. */
export interface Kept {
  readonly kind: 'kept'
}

/** Nothing stands there. */
export interface Absent {
  readonly kind: 'absent'
}

/** The server can't be reached: the write waits, in its place, for when it can. */
export interface Queued {
  readonly kind: 'queued'
  readonly path: string
}

import type { EventId, LogEvent, Origin } from '../event/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Applied, ChangePage, Identity, PeerKnowledge, Reset, Want } from './replica.ts'

/**
 * How a link reaches its remote. A transport keeps no truth: any call may fail, be repeated or be
 * answered twice. It rejects with a `RejoinError` whose `retryable` says whether waiting helps.
 */
export interface Transport<C> {
  /** Says who we are; learns who they are and what they know of us. */
  hello(mine: Hello, signal?: AbortSignal): Promise<Welcome>
  push(batch: PushBatch<C>, signal?: AbortSignal): Promise<PushAnswer>
  pull(after: Cursor, want: PullWant<C>, signal?: AbortSignal): Promise<ChangePage<C>>
  /**
   * The changes after a cursor: those that are there, page by page, then each as it is committed, with no
   * gap between. The first page comes at once, empty if need be; later ones only when their cursor has
   * moved. Changes that came from the caller are in it as well, because readers at the end share one page.
   *
   * Ends after a `Reset`, and rejects when the connection is lost or the signal aborts: either way the last
   * page's cursor is where to go on. Nothing piles up for a slow reader: it is read again from its cursor.
   * Absent: the remote can only be asked. `not_found` or `protocol` before the first page, not retryable, say the same.
   */
  subscribe?(after: Cursor, want: LiveWant<C>, signal: AbortSignal): AsyncIterable<ChangePage<C>>
  /** Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Hello {
  readonly origin: Origin
  /**
   * What is known here of the origin we take the remote for. Whoever answers may be the copy or the older
   * backup just as well as whoever asks.
   */
  readonly you?: PeerKnowledge & { readonly origin: Origin }
  /** The hash of the rules by which conflicts are resolved here; only for who answered with `Welcome.rules`. */
  readonly rules?: string
}

/** Who answered, and what it knows of us. */
export interface Welcome extends Identity {
  /** The remote's wall clock, milliseconds since 1970. */
  readonly time: number
  /** The largest push it takes; a count of 0: it takes none, and nothing is pushed. */
  readonly limits: { readonly count: number; readonly bytes: number }
  /** Absent: the remote keeps no record of its peers, so this replica's checkpoints are all there is. */
  readonly you?: PeerKnowledge
  /** It no longer holds what `Hello.you` says it once did: the link starts over. Only without `you`. */
  readonly lost?: true
  /** Its pages hold to `Want.filter`. Absent: a link with a filter refuses to pull, it would get too much. */
  readonly filters?: boolean
  /**
   * The hashes of rules that other nodes have said lately, the latest first. Absent: it doesn't listen to
   * `Hello.rules`.
   */
  readonly rules?: readonly string[]
  /**
   * How it tells of commits, for a transport that has the choice: `sse`, `websocket`, and what else there may be
   * one day. Absent: by `sse`, if at all.
   */
  readonly live?: readonly string[]
}

/** One push: changes in the order of the sender's log, and which stretch of that log they cover. */
export interface PushBatch<C> {
  readonly origin: Origin
  readonly changes: readonly C[]
  /** As in `Batch`. */
  readonly cursor: Cursor
  readonly expects: Cursor
}

export type PushAnswer =
  | (Extract<Applied, { kind: 'applied' }> & {
      /**
       * In the remote's log: behind the last of these changes that it was seen to hold. Only where no record is
       * kept of us: it is told at the next hello, as `received`.
       */
      readonly reached?: Cursor
    })
  | PushReset

/** Nothing was taken in: the remote's record of us ends elsewhere than the push expected. */
export interface PushReset extends Reset {
  /** What a greeting would tell: where to go on. Absent from a remote that wants to be greeted for it. */
  readonly standing?: Standing
}

/** How the remote stands to us: who it is now, and what it has on record of us. */
export interface Standing {
  readonly origin: Origin
  readonly you: PeerKnowledge
}

/** How much one page of a subscription may hold, and of what. */
export type LiveWant<C = LogEvent> = Omit<Want<C>, 'notVia'>

/** What one pull wants: the changes after its cursor, or these by id. */
export type PullWant<C = LogEvent> = Want<C> & {
  /** These changes instead of what follows the cursor. */
  readonly ids?: readonly EventId[]
}

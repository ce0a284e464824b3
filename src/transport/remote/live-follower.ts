import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'

/** Somebody who is told of a log's changes as they are committed, without an iterator of their own. */
export interface Follower<C = LogEvent> extends PageFollower<C> {
  readonly want: LiveWant<C>
}

/** A follower, whatever it is that pages are made of. */
export interface PageFollower<C = LogEvent> {
  /** Where to begin. */
  readonly after: Cursor
  /**
   * Takes the next page: `true`, or `false` for "not now". Then nothing comes until `resume`, nothing is
   * kept, and the page is read again. The object is the same for all who stand at one cursor. After a
   * `Reset`, which can't be refused, it is over. Must not throw.
   */
  deliver(page: ChangePage<C>): boolean
  /** It is over: the log failed or was closed. Not after `leave`. */
  failed(error: unknown): void
}

export interface Following {
  /** More can be taken. Without effect unless a page was refused. */
  resume(): void
  /** Nothing is delivered from now on. Idempotent. */
  leave(): void
}

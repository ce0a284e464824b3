import type { RejoinError } from '../errors/index.ts'
import type { Cursor } from '../version/index.ts'

/** What one sync achieved. What was pushed or pulled before an error stays pushed and pulled. */
export interface LinkResult {
  /** Events with content: stored or filled in there; stubs don't count. */
  readonly pushed: number
  /** The same, here. */
  readonly pulled: number
  /** Empty when everything was confirmed in both directions. */
  readonly errors: readonly RejoinError[]
  /** Where the remote's log ended, as last heard; absent when it was never reached. */
  readonly remoteEnd?: Cursor
}

/** Running totals of one sync, told after each batch. */
export interface LinkProgress {
  readonly pushed: number
  readonly pulled: number
}

/** What a stretch of live work has moved, and how much was refused newly. */
export interface Moved extends LinkProgress {
  readonly refused: number
  readonly remoteEnd?: Cursor
}

/** The counters of a sync under way. */
export class Tally {
  pushed = 0
  pulled = 0
  /** By the remote, for the first time. */
  refused = 0
  remoteEnd: Cursor | undefined
  readonly errors: RejoinError[] = []
  readonly #onProgress: ((progress: LinkProgress) => void) | undefined

  constructor(onProgress?: (progress: LinkProgress) => void) {
    this.#onProgress = onProgress
  }

  add(moved: Partial<LinkProgress>): void {
    this.pushed += moved.pushed ?? 0
    this.pulled += moved.pulled ?? 0
    this.#onProgress?.({ pushed: this.pushed, pulled: this.pulled })
  }

  /** Since it was last asked. */
  take(): Moved {
    const { pushed, pulled, refused, remoteEnd } = this
    this.pushed = 0
    this.pulled = 0
    this.refused = 0
    return { pushed, pulled, refused, ...(remoteEnd === undefined ? {} : { remoteEnd }) }
  }

  result(): LinkResult {
    const { pushed, pulled, errors, remoteEnd } = this
    return { pushed, pulled, errors, ...(remoteEnd === undefined ? {} : { remoteEnd }) }
  }
}

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

/** The counters of a sync under way. */
export class Tally {
  pushed = 0
  pulled = 0
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

  result(): LinkResult {
    const { pushed, pulled, errors, remoteEnd } = this
    return { pushed, pulled, errors, ...(remoteEnd === undefined ? {} : { remoteEnd }) }
  }
}

/**
 * Where read models live: entries of text in named spaces, and one head for each name that says how far
 * they go. Entries and head change in one commit, or not at all.
 *
 * Keys have an order: by the code points of the text, which is the order of its UTF-8. Names, spaces, keys,
 * values and heads are opaque to a sink. Every call is safe to make concurrently, also from several
 * processes where the sink is shared. A call given a signal rejects with its reason when it aborts before
 * its effect; a commit that has begun is carried through.
 */
export interface ProjectionSink {
  /** All names ever used, in any order. Absent: it does not know, and is asked for known names only. */
  names?(signal?: AbortSignal): Promise<readonly string[]>

  /** What the last commit under this name left; `undefined` for a name never used. */
  head(name: string, signal?: AbortSignal): Promise<string | undefined>

  /** The values of these keys, in their order; `undefined` where there is none. */
  get(
    name: string,
    space: string,
    keys: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly (string | undefined)[]>

  /** Entries in the order of their keys, as of one moment. */
  list(
    name: string,
    space: string,
    range: SinkRange,
    signal?: AbortSignal,
  ): Promise<readonly SinkEntry[]>

  /**
   * Writes everything and puts the new head in place, durably and in one commit. `false`, and nothing
   * written, when the head is not `expects` any more: somebody else was faster.
   */
  commit(commit: SinkCommit, signal?: AbortSignal): Promise<boolean>
}

/** Which entries of a space; both bounds are left out themselves. */
export interface SinkRange {
  readonly after?: string
  readonly before?: string
  /** Most entries; a whole number above 0. */
  readonly limit: number
  /** From the last to the first. */
  readonly reverse?: boolean
}

export interface SinkEntry {
  readonly key: string
  readonly value: string
}

export interface SinkCommit {
  readonly name: string
  /** The head that was read; `undefined` for a name never used. */
  readonly expects: string | undefined
  readonly head: string
  readonly writes: readonly SinkWrite[]
}

export interface SinkWrite {
  readonly space: string
  readonly key: string
  /** `null`: no longer there. Of several writes to one key in a commit, the last counts. */
  readonly value: string | null
}

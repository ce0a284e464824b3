/** The most that one call to a remote moves. */
export interface RemoteLimits {
  /** Changes in one push or page. */
  readonly count: number
  /** Bytes of events in one push or page, roughly: the change that reaches it still belongs to it. */
  readonly bytes: number
  /** Ids in one fetch. */
  readonly ids: number
}

export const defaultRemoteLimits: RemoteLimits = {
  count: 2_000,
  bytes: 4 * 1024 * 1024,
  ids: 1_000,
}

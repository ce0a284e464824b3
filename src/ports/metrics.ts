import type { ErrorCode } from '../errors/index.ts'

/**
 * Where a node counts and times what it does. Each method is called once for each thing that ended, at
 * once and synchronously; what it throws is logged and changes nothing. Times are milliseconds.
 */
export interface Metrics {
  /** A sync, a push or a pull has ended: operations, durations, events, conflicts and errors. */
  syncEnded(sync: SyncMeasure): void
  /** A call to the store has ended. */
  storageCalled(call: CallMeasure): void
  /** A call to the remote has ended; each try of one that is made again counts. */
  transportCalled(call: CallMeasure): void
}

/** One run of syncing, as few or many callers as shared it. */
export interface SyncMeasure {
  readonly direction: 'both' | 'push' | 'pull'
  /** `failed` when its result has errors, `aborted` when it has no result. */
  readonly outcome: 'ok' | 'failed' | 'aborted'
  readonly duration: number
  /** Events the remote stored. */
  readonly pushed: number
  /** Events stored here. */
  readonly pulled: number
  readonly conflictsResolved: number
  /** The code of each error in the result. */
  readonly errors: readonly ErrorCode[]
}

/** One call of a method, by its name in the contract: `append`, `changes`, `push`. */
export interface CallMeasure {
  readonly operation: string
  readonly outcome: CallOutcome
  readonly duration: number
}

/** `ok`, `aborted` by its caller, or the code it failed with. */
export type CallOutcome = 'ok' | 'aborted' | ErrorCode

/** The default: nothing is counted. */
export const noMetrics: Metrics = {
  syncEnded() {},
  storageCalled() {},
  transportCalled() {},
}

import type { Explanation, SyncResult, Unsent } from '../../sync/index.ts'
import type { ProgressState } from '../terminal/progress.ts'

/** Tells whoever started the command what happens. */
export interface WatchReport {
  moved(result: SyncResult): Promise<void>
  /** How far a sync has come; called often. */
  progress(state: ProgressState): void
  /** May be called at any time; says nothing when there is nothing new to say. */
  state(explanation: Explanation): Promise<void>
  closing(): void
  /** Answers with the exit code. */
  end(end: WatchEnd): Promise<number>
}

/** What was left when watching ended. */
export interface WatchEnd {
  /** Absent: nobody knows, the remote was not reached. */
  readonly unsent: Unsent | undefined
  /** Events that the remote had refused. */
  readonly refused: number
}

/** The states that are worth a line each. */
export class StateNews {
  #told = ''

  /** Whether this is another state than the last that was told. How much waits changes with each commit. */
  isNew({ phase, since, blocked }: Explanation): boolean {
    // A failed attempt is a phase that begins again; so there is no need to look at when the next one is.
    const key = [phase, since, blocked?.cause, blocked?.since].join()
    if (passing.has(phase) || key === this.#told) return false
    this.#told = key
    return true
  }
}

/** 0: the remote has everything, or was not to have it. */
export function exitCode({ unsent, refused }: WatchEnd, pushes: boolean): number {
  const hasAll = unsent?.count === 0 && !unsent.more && refused === 0
  return !pushes || hasAll ? 0 : 1
}

const passing: ReadonlySet<Explanation['phase']> = new Set(['greeting', 'syncing'])

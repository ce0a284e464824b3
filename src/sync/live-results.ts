import type { EventStore } from '../contracts/index.ts'
import type { LinkResult, Moved } from '../link/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type Cursor, start } from '../version/index.ts'
import type { Meaning } from './meaning.ts'
import { type ConflictCounts, PulledConflicts } from './pulled-conflicts.ts'

export interface LiveResultsOptions {
  readonly store: EventStore
  readonly meaning: Meaning
  readonly logger: Logger
  readonly runtime: Runtime
  readonly tell: (
    moved: LinkResult,
    conflicts: ConflictCounts,
    time: { readonly startedAt: number; readonly duration: number },
    end: Cursor,
  ) => void
}

/** What comes and goes by itself, told in the form of syncs: one result for all that moved since the last. */
export class LiveResults {
  readonly #options: LiveResultsOptions
  readonly #end = new AbortController()
  #conflicts: PulledConflicts
  #pending:
    | { pushed: number; pulled: number; duration: number; end: Cursor | undefined }
    | undefined
  #telling: Promise<void> | undefined

  constructor(options: LiveResultsOptions) {
    this.#options = options
    this.#conflicts = new PulledConflicts(options.store)
  }

  /** The store, what it takes in being watched for conflicts. */
  watched(): EventStore {
    return this.#conflicts.watched()
  }

  moved({ pushed, pulled, remoteEnd }: Moved, duration: number): void {
    if (pushed + pulled === 0) return
    const before = this.#pending
    this.#pending = {
      pushed: (before?.pushed ?? 0) + pushed,
      pulled: (before?.pulled ?? 0) + pulled,
      duration: (before?.duration ?? 0) + duration,
      end: remoteEnd ?? before?.end,
    }
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined
    })
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#telling
  }

  async #tellAll(): Promise<void> {
    const { store, meaning, runtime, tell, logger } = this.#options
    const { signal } = this.#end
    try {
      while (this.#pending !== undefined) {
        const { pushed, pulled, duration, end: remoteEnd = start } = this.#pending
        this.#pending = undefined
        const conflicts = await this.#conflicts.take().count(meaning, signal)
        const { end } = await store.identity(signal)
        const startedAt = Math.round(runtime.now() - duration)
        tell({ pushed, pulled, errors: [], remoteEnd }, conflicts, { startedAt, duration }, end)
      }
    } catch (error) {
      if (!signal.aborted) logger.error('what came by a stream could not be told', { error })
    }
  }
}

import type { EventStore, Transport } from '../contracts/index.ts'
import type { Filter, LogEvent } from '../event/index.ts'
import { type Greetings, type LinkProgress, type LinkResult, syncOnce } from '../link/index.ts'
import { type Logger, type Metrics, type SyncMeasure, tellListener } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Meaning } from './meaning.ts'
import { type ConflictCounts, PulledConflicts } from './pulled-conflicts.ts'
import { SharedRun } from './shared-run.ts'
import type { SyncOptions } from './sync-options.ts'
import { type SyncResult, syncResult } from './sync-result.ts'
import { ToldRules } from './told-rules.ts'

export type Direction = 'both' | 'push' | 'pull'

export interface RunsOptions {
  /** Goes into results, when a node has several remotes. */
  readonly remote?: string
  readonly store: EventStore
  /** As calls go: in time, counted, tried again. */
  readonly transport: Transport<LogEvent>
  readonly batchSize: number | undefined
  readonly filter: Filter | undefined
  readonly meaning: Meaning
  readonly logger: Logger
  readonly metrics: Metrics
  readonly runtime: Runtime
  readonly greetings: Greetings<LogEvent>
  /** A run has ended: with its result, or without one when it was aborted. */
  readonly onEnd: (direction: Direction, result?: SyncResult) => void
}

/**
 * A node's syncs: one at a time, and shared by whoever asks meanwhile. Who asks after a run has begun may
 * have appended since, so the run goes round once more before it answers.
 */
export class Runs {
  readonly #options: RunsOptions
  readonly #told: ToldRules
  readonly #transport: Transport<LogEvent>
  readonly #runs = new Map<Direction, Run>()
  readonly #listeners = new Set<(result: SyncResult) => void>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: RunsOptions) {
    this.#options = options
    this.#told = new ToldRules(options.meaning, options.logger)
    this.#transport = this.#told.over(options.transport)
  }

  /** As syncs use it. */
  get transport(): Transport<LogEvent> {
    return this.#transport
  }

  async join(direction: Direction, { signal, onProgress }: SyncOptions): Promise<SyncResult> {
    signal?.throwIfAborted()
    let run = this.#runs.get(direction)
    if (run === undefined || run.shared.abandoned) {
      run = this.#start(direction)
      this.#runs.set(direction, run)
    } else if (run.hasBegun) run.isWantedAgain = true
    if (onProgress !== undefined) run.progress.add(onProgress)
    return run.shared.join(signal)
  }

  subscribe(listener: (result: SyncResult) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Aborts what runs, and resolves when it has ended. */
  async close(reason: unknown): Promise<void> {
    for (const { shared } of this.#runs.values()) shared.abort(reason)
    await this.#last
    this.#listeners.clear()
  }

  /** Tells metrics and listeners what has moved; answers with the same as a result. */
  told(
    direction: Direction,
    link: LinkResult,
    conflicts: ConflictCounts,
    time: Pick<SyncResult, 'startedAt' | 'duration'>,
    end: Cursor,
  ): SyncResult {
    const { metrics, remote } = this.#options
    const whole = syncResult(link, conflicts, this.#told.others, time, end)
    const result = remote === undefined ? whole : { ...whole, remote }
    metrics.syncEnded(measureOf(direction, result))
    for (const listener of this.#listeners) this.#tell(listener, result)
    return result
  }

  #start(direction: Direction): Run {
    const before = this.#last
    const run: Run = {
      progress: new Set(),
      moved: { pushed: 0, pulled: 0 },
      conflicts: new PulledConflicts(this.#options.store),
      hasBegun: false,
      isWantedAgain: false,
      shared: new SharedRun(async (signal) => {
        await before
        return this.#work(run, direction, signal)
      }),
    }
    this.#last = run.shared.ended
    return run
  }

  async #work(run: Run, direction: Direction, signal: AbortSignal): Promise<SyncResult> {
    const { runtime, store, metrics, meaning } = this.#options
    const startedAt = runtime.now()
    const began = runtime.monotonic()
    const duration = () => runtime.monotonic() - began
    try {
      run.hasBegun = true
      let link = await this.#sync(run, direction, signal)
      while (run.isWantedAgain && link.errors.length === 0) {
        run.isWantedAgain = false
        link = await this.#sync(run, direction, signal, link)
      }
      this.#forget(run, direction)
      const conflicts = await run.conflicts.count(meaning, signal)
      const { end } = await store.identity(signal)
      this.#told.warn()
      const time = { startedAt, duration: duration() }
      const result = this.told(direction, link, conflicts, time, end)
      this.#options.onEnd(direction, result)
      return result
    } catch (error) {
      this.#options.onEnd(direction)
      metrics.syncEnded({ ...ended, direction, ...run.moved, duration: duration() })
      throw error
    } finally {
      this.#forget(run, direction)
    }
  }

  /** One round; answers with the totals since the run began. */
  async #sync(
    run: Run,
    direction: Direction,
    signal: AbortSignal,
    { pushed, pulled }: Pick<LinkResult, 'pushed' | 'pulled'> = { pushed: 0, pulled: 0 },
  ): Promise<LinkResult> {
    const { batchSize, filter, logger, runtime, greetings } = this.#options
    const link = await syncOnce(
      {
        replica: run.conflicts.watched(),
        transport: this.#transport,
        logger,
        runtime,
        directions: { push: direction !== 'pull', pull: direction !== 'push' },
        ...(batchSize === undefined ? {} : { batch: { count: batchSize } }),
        ...(filter && { filter }),
        onProgress: (round) => {
          const progress = { pushed: pushed + round.pushed, pulled: pulled + round.pulled }
          run.moved = progress
          for (const listener of run.progress) this.#tell(listener, progress)
        },
      },
      signal,
      greetings,
    )
    return { ...link, pushed: pushed + link.pushed, pulled: pulled + link.pulled }
  }

  /** From here on, who asks gets a run of its own. */
  #forget(run: Run, direction: Direction): void {
    if (this.#runs.get(direction) === run) this.#runs.delete(direction)
  }

  #tell<T>(listener: (news: T) => void, news: T): void {
    tellListener(listener, news, (error) =>
      this.#options.logger.error('a listener to syncs threw', { error }),
    )
  }
}

function measureOf(direction: Direction, result: SyncResult): SyncMeasure {
  const { ok, duration, pushed, pulled, conflictsResolved } = result
  const errors = result.errors.map(({ code }) => code)
  const outcome = ok ? 'ok' : 'failed'
  return { direction, outcome, duration, pushed, pulled, conflictsResolved, errors }
}

const ended = { outcome: 'aborted', conflictsResolved: 0, errors: [] } as const

interface Run {
  readonly shared: SharedRun<SyncResult>
  readonly progress: Set<(progress: LinkProgress) => void>
  moved: LinkProgress
  readonly conflicts: PulledConflicts
  hasBegun: boolean
  isWantedAgain: boolean
}

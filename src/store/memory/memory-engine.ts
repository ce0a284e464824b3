import { type ClockLimits, HybridClock } from '../../clock/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { newMark } from '../../version/index.ts'
import { freshMeta, type LogContext, type LogEngine, standingOf, Watchers } from '../log/index.ts'
import { decodeCommit, encodeCommit, type Journal } from './journal.ts'
import { MemoryTables } from './memory-tables.ts'
import { withoutErased } from './without-erased.ts'

interface MemoryEngineOptions {
  readonly node?: string
  readonly clock?: Partial<ClockLimits>
  readonly logger: Logger
  readonly runtime: Runtime
  readonly journal?: Journal
  readonly signal?: AbortSignal
}

/** Runs the log's rules on plain maps, one call at a time. */
export class MemoryEngine implements LogEngine {
  readonly runtime: Runtime
  readonly #log: LogContext
  readonly #tables: MemoryTables
  readonly #journal: Journal | undefined
  readonly #watchers = new Watchers()
  #turn: Promise<unknown> = Promise.resolve()
  #failure: RejoinError | undefined
  #closing: Promise<void> | undefined

  static async open(options: MemoryEngineOptions): Promise<MemoryEngine> {
    const { signal } = options
    signal?.throwIfAborted()
    const engine = new MemoryEngine(options)
    for (const record of (await options.journal?.records()) ?? [])
      engine.#tables.replay(decodeCommit(record, options.runtime))
    engine.#log.clock.resume(engine.#tables.meta.clock)
    // A new log keeps its identity from here on, not from its first event.
    if (options.journal !== undefined) await engine.write(() => {}, signal)
    return engine
  }

  private constructor({ node, clock, logger, runtime, journal }: MemoryEngineOptions) {
    this.runtime = runtime
    this.#journal = journal
    this.#tables = new MemoryTables(freshMeta(node, runtime))
    this.#log = {
      tables: this.#tables,
      clock: new HybridClock(runtime, clock),
      runtime,
      logger,
      mark: newMark(runtime),
      heardReaders: new Map(),
    }
  }

  read<T>(work: (log: LogContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#exclusive(async () => work(this.#log), signal)
  }

  write<T>(work: (log: LogContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#exclusive(async () => {
      const stood = standingOf(this.#tables)
      const result = work(this.#log)
      this.#tables.meta.clock = this.#log.clock.last
      const commit = this.#tables.takeCommit()
      if (commit !== undefined && this.#journal !== undefined)
        await this.#keep(this.#journal, encodeCommit(commit))
      const isNews = commit !== undefined && commit.rows.length > 0
      if (isNews || standingOf(this.#tables) !== stood) this.#watchers.wake()
      return result
    }, signal)
  }

  /** What is in memory is gone with the row; the journal has it in the records of earlier commits. */
  overwrite(signal: AbortSignal | undefined): Promise<void> {
    return this.#exclusive(async () => {
      const journal = this.#journal
      if (journal?.replace === undefined) return
      await journal.replace(withoutErased(await journal.records(), this.runtime))
    }, signal)
  }

  shrink(signal: AbortSignal | undefined): Promise<void> {
    return this.overwrite(signal)
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#watchers.watch(signal)
  }

  close(): Promise<void> {
    this.#closing ??= this.#turn.then(async () => {
      this.#watchers.close()
      await this.#journal?.close()
    })
    return this.#closing
  }

  async #keep(journal: Journal, record: string): Promise<void> {
    try {
      await journal.append(record)
    } catch (cause) {
      // Memory is ahead of the journal now: nothing may be read or written from it any more.
      this.#failure = RejoinError.from(cause, {
        code: 'storage_io',
        operation: 'write',
        component: 'store/memory',
      })
      throw this.#failure
    }
  }

  /** One call at a time, in order, so that nobody reads what the journal does not have yet. */
  #exclusive<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    const turn = this.#turn.then(() => {
      signal?.throwIfAborted()
      if (this.#failure !== undefined) throw this.#failure
      return work()
    })
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the store is closed', {
    operation: 'use',
    component: 'store/memory',
  })
}

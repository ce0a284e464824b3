import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Database } from './database.ts'

/**
 * Moves committed pages from the WAL into the main file, after the callers have been told. On this
 * thread: a worker with a connection of its own never catches up with the writers, so the WAL grew
 * without bound and commits took twice as long (docs/decisions/0005-flush.md).
 */
export class Checkpointer {
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #database: () => Database
  #isPlanned = false
  #isClosed = false
  #mustEmpty = false
  /** Pages the WAL may hold before the next try. */
  #limit = usualPages

  constructor(runtime: Runtime, logger: Logger, database: () => Database) {
    this.#runtime = runtime
    this.#logger = logger
    this.#database = database
  }

  /** After each commit. */
  committed(): void {
    const isDue = this.#mustEmpty || this.#database().walPages() >= this.#limit
    if (this.#isPlanned || !isDue) return
    this.#isPlanned = true
    this.#runtime.soon(() => {
      this.#isPlanned = false
      if (!this.#isClosed) this.#run()
    })
  }

  /**
   * Empties the WAL, which holds earlier versions of pages. `false` while a reader, or another writer, is in the
   * way: then it is tried again after each commit, and at the end.
   */
  empty(): boolean {
    if (this.#isClosed) return true
    this.#mustEmpty = this.#try('TRUNCATE') > 0 || this.#database().walPages() > 0
    return !this.#mustEmpty
  }

  /** The last one: the main file holds everything, and the WAL is empty if nobody else uses it. */
  close(): void {
    this.#isClosed = true
    this.#try('TRUNCATE')
  }

  #run(): void {
    if (this.#mustEmpty && this.empty()) return
    const pages = this.#try(this.#limit > mostPages ? 'TRUNCATE' : 'PASSIVE')
    this.#limit = pages === 0 ? usualPages : pages + retryPages
  }

  /** The pages that are still in the WAL only, because a reader needs what they would replace. */
  #try(mode: 'PASSIVE' | 'TRUNCATE'): number {
    const db = this.#database()
    try {
      const { log, checkpointed } = db.checkpoint(mode)
      return Math.max(0, log - checkpointed)
    } catch (error) {
      this.#logger.warn('a checkpoint failed', { path: db.path, error })
      return this.#limit
    }
  }
}

const usualPages = 4_000
const retryPages = 1_000
/** 64 MiB: beyond it the writers of other processes stand back for once. */
const mostPages = 16_000

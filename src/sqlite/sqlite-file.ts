import { RejoinError } from '../errors/index.ts'
import { type BackupOptions, backup } from './backup.ts'
import { Checkpointer } from './checkpoint.ts'
import { CommitWatch } from './commit-watch.ts'
import type { Connection, Sync } from './connection.ts'
import type { Database } from './database.ts'
import { describeFailure, resultCode, resultCodeOf } from './failure.ts'
import { FileGuard } from './file-guard.ts'
import { runGroup } from './group.ts'
import { openDatabase, reopenDatabase } from './open-database.ts'
import { type Settings, type SqliteFileOptions, settingsOf } from './options.ts'
import { ReaderPool } from './reader-pool.ts'
import { whenFree } from './when-free.ts'
import { WriteQueue } from './write-queue.ts'

/**
 * One SQLite file with its one connection and its one line of writers. Any number of processes, and of
 * objects in one process, may have the same file open.
 */
export class SqliteFile {
  readonly path: string
  readonly durability: 'full' | 'normal'
  readonly #settings: Settings
  readonly #guard: FileGuard
  readonly #queue: WriteQueue
  readonly #watch: CommitWatch
  readonly #checkpointer: Checkpointer
  readonly #readers: ReaderPool | undefined
  #db: Database
  #isReopened = false
  #closing: Promise<void> | undefined

  /**
   * Opens or creates the file, and migrates it. A file that is refused is left as it is, with its
   * folder: `storage_foreign`, `storage_newer`, `storage_damaged`. Otherwise `storage_io` (no such
   * folder), `storage_readonly`, `storage_full`, `storage_busy` (after 30 s), or the signal's reason.
   */
  static async open(options: SqliteFileOptions): Promise<SqliteFile> {
    const settings = settingsOf(options)
    const db = await openDatabase(
      settings.database,
      settings.schema,
      settings.runtime,
      options.signal,
    )
    return new SqliteFile(settings, db)
  }

  private constructor(settings: Settings, db: Database) {
    const { database, schema, runtime, logger, readers } = settings
    const { path, cacheBytes } = database
    this.path = path
    this.durability = database.durability
    this.#settings = settings
    this.#db = db
    this.#guard = new FileGuard(path, db.way, schema, settings.participant)
    this.#watch = new CommitWatch({
      runtime,
      wal: path === ':memory:' ? undefined : `${path}-wal`,
      dataVersion: () => this.#db.dataVersion(),
      logger,
    })
    this.#checkpointer = new Checkpointer(runtime, logger, () => this.#db)
    this.#readers =
      readers &&
      new ReaderPool({
        ...readers,
        seat: { path, way: db.way, cacheBytes, schema },
        identity: () => this.#guard.identity,
      })
    this.#queue = new WriteQueue({
      runtime,
      runGroup: (waiting, isLate) => runGroup(this.#db, this.#guard, waiting, isLate),
      describe: (error) => describeFailure(error, path, 'write'),
      mended: (error) => this.#mended(error),
      committed: () => this.#committed(),
    })
  }

  /**
   * Runs `work` on one consistent snapshot. Throws what `work` throws, `storage_*`, or `closed`; and
   * `storage_busy` at once, in the rare moments when readers are kept out (recovery after a crash, the
   * last close).
   */
  read<T>(work: (db: Connection) => Sync<T>): T {
    try {
      return this.#read(work)
    } catch (error) {
      throw describeFailure(error, this.path, 'read')
    }
  }

  /** As `read`, but where readers are kept out it tries again, for up to 30 s or until the signal aborts. */
  async readWhenFree<T>(work: (db: Connection) => Sync<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await whenFree(this.#settings.runtime, () => this.#read(work), signal)
    } catch (error) {
      throw describeFailure(error, this.path, 'read')
    }
  }

  /**
   * Has a thread of its own read what `request` says, on one consistent snapshot that holds every write
   * told of before; resolves with a copy of what the thread's function answers. A request in line is
   * withdrawn when the signal aborts, and one under way is not waited for. Rejects with what the function
   * throws, as far as it can be told; the signal's reason; `storage_*`, where `storage_io` with
   * `retryable` is a thread that broke and has been replaced; `closed`.
   */
  async readElsewhere(request: unknown, signal?: AbortSignal): Promise<unknown> {
    const { runtime } = this.#settings
    const attempt = () => {
      if (this.#closing !== undefined) throw this.#closed('read')
      return this.#readers?.read(request, signal)
    }
    try {
      return await whenFree(runtime, attempt, signal)
    } catch (error) {
      throw describeFailure(error, this.path, 'read')
    }
  }

  /**
   * Runs `work` in the next transaction and resolves with its result once that is committed, and
   * flushed at `full` durability. Writes that wait at the same time share the commit, in the order
   * of the calls.
   *
   * Rejects, with nothing written: what `work` throws (to refuse, throw before the first write, or the
   * others in the group pay for it with a second run); `storage_*`; the signal's reason, if the signal
   * aborts before its turn; `closed`. `work` may run more than once and must not have effects elsewhere.
   */
  write<T>(work: (tx: Connection) => Sync<T>, signal?: AbortSignal): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(this.#closed('write'))
    return this.#queue.add(work as (tx: Connection) => T, signal)
  }

  /**
   * Yields after commits, ours and (within 50 ms) those of other processes, from this call on. Several
   * may be told as one; none is missed between two turns of the loop. Ends when the signal aborts or
   * the file is closed.
   */
  commits(signal: AbortSignal): AsyncIterable<void> {
    return this.#watch.watch(signal)
  }

  /**
   * Copies the file as it stands now, while it stays in use. The copy is compacted and flushed, and
   * appears under its name only when it is whole; `invalid_argument` when there is one already.
   */
  async backup(to: string, options: BackupOptions = {}): Promise<void> {
    if (this.#closing !== undefined) throw this.#closed('backup')
    await backup(this.path, to, this.#settings.runtime, options)
  }

  /**
   * Sees to it that the WAL is emptied: at once, or as soon as nobody is in the way any more. Deleted rows are
   * overwritten in the main file, but earlier versions of their pages stand in the WAL.
   */
  forgetOldPages(): void {
    this.#checkpointer.empty()
  }

  /** As `forgetOldPages`, and resolves when it is done. Rejects with `storage_busy` after 30 s, or `closed`. */
  async oldPagesForgotten(signal?: AbortSignal): Promise<void> {
    const { runtime } = this.#settings
    const end = runtime.monotonic() + mostWait
    for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
      signal?.throwIfAborted()
      if (this.#closing !== undefined) throw this.#closed('overwrite')
      if (this.#checkpointer.empty()) return
      if (runtime.monotonic() >= end) throw held(this.path)
      await runtime.sleep(wait, signal)
    }
  }

  /** Waits for the writes called before it. A second call is the same as the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #read<T>(work: (db: Connection) => T): T {
    if (this.#closing !== undefined) throw this.#closed('read')
    const db = this.#db
    if (db.isTransaction) return work(db.connection)
    db.begin()
    try {
      return work(db.connection)
    } finally {
      db.rollback()
    }
  }

  #committed(): void {
    this.#isReopened = false
    this.#watch.committed()
    this.#checkpointer.committed()
  }

  /** A connection that was opened while the file was read-only stays so, whatever becomes of the file. */
  #mended(error: unknown): boolean {
    const isWorthIt = resultCodeOf(error) === resultCode.readonly && !this.#isReopened
    this.#isReopened = isWorthIt && this.#reopen()
    return this.#isReopened
  }

  #reopen(): boolean {
    const { database, schema, logger } = this.#settings
    try {
      const db = reopenDatabase(database, schema)
      this.#db.close()
      this.#db = db
      this.#guard.reopened()
      return true
    } catch (error) {
      logger.warn('the file could not be opened again for writing', { path: this.path, error })
      return false
    }
  }

  async #close(): Promise<void> {
    await Promise.all([this.#queue.drained(), this.#readers?.close()])
    this.#watch.close()
    if (!this.#settings.database.readonly) this.#checkpointer.close()
    this.#db.close()
  }

  #closed(operation: string): RejoinError {
    const message = `${this.path} is closed`
    return new RejoinError('closed', message, { operation, component: 'sqlite' })
  }
}

function held(path: string): RejoinError {
  const message = `${path}: a reader has held on to earlier versions of pages for ${mostWait / 1_000} s`
  const where = { operation: 'overwrite', component: 'sqlite' }
  return new RejoinError('storage_busy', message, { ...where, details: { path } })
}

const mostWait = 30_000

import { resolve } from 'node:path'
import { RejoinError } from '../errors/index.ts'
import type { Logger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { CommitWatch } from './commit-watch.ts'
import type { Connection, Sync } from './connection.ts'
import { Database, type DatabaseOptions } from './database.ts'
import { describeFailure, isBusy } from './failure.ts'
import { runGroup } from './group.ts'
import { migrate, type Schema } from './migrate.ts'
import type { Participant } from './participant.ts'
import { WriteQueue } from './write-queue.ts'

export interface SqliteFileOptions extends Schema {
  /** `:memory:` for a database that lives and dies with this object. */
  readonly path: string
  /**
   * `full` (default): flushed before a write is acknowledged, so that it survives a power loss.
   * `normal`: survives a killed process.
   */
  readonly durability?: 'full' | 'normal'
  /** Page cache; default 64 MiB. */
  readonly cacheBytes?: number
  /** Never changes the file or its folder. */
  readonly readonly?: boolean
  readonly runtime?: Runtime
  readonly logger?: Logger
  readonly participant?: Participant
}

/**
 * One SQLite file with its one connection and its one line of writers. Any number of processes, and of
 * objects in one process, may have the same file open.
 */
export class SqliteFile {
  readonly path: string
  readonly durability: 'full' | 'normal'
  readonly #queue: WriteQueue
  readonly #watch: CommitWatch
  readonly #db: Database
  #closing: Promise<void> | undefined

  static async open(options: SqliteFileOptions): Promise<SqliteFile> {
    const path = options.path === ':memory:' ? options.path : resolve(options.path)
    const settings: DatabaseOptions = {
      path,
      durability: options.durability ?? 'full',
      cacheBytes: options.cacheBytes ?? 64 * 1024 * 1024,
      readonly: options.readonly ?? false,
    }
    const runtime = options.runtime ?? systemRuntime
    const db = await openWhenFree(settings, options, runtime)
    return new SqliteFile(options, settings, db)
  }

  private constructor(options: SqliteFileOptions, settings: DatabaseOptions, db: Database) {
    this.path = settings.path
    this.durability = settings.durability
    const runtime = options.runtime ?? systemRuntime
    this.#db = db
    this.#watch = new CommitWatch(runtime, () => this.#db.dataVersion())
    this.#queue = new WriteQueue({
      runtime,
      runGroup: (waiting, isLate) => runGroup(this.#db, options.participant, waiting, isLate),
      describe: (error) => describeFailure(error, this.path, 'write'),
      mended: () => false,
      committed: () => this.#watch.committed(),
    })
  }

  /** Runs `work` on one consistent snapshot. */
  read<T>(work: (db: Connection) => Sync<T>): T {
    if (this.#closing !== undefined) throw this.#closed('read')
    const db = this.#db
    try {
      if (db.isTransaction) return work(db.connection)
      db.begin()
      try {
        return work(db.connection)
      } finally {
        db.rollback()
      }
    } catch (error) {
      throw describeFailure(error, this.path, 'read')
    }
  }

  /**
   * Runs `work` in the next transaction and resolves with its result once that is committed and as
   * durable as the file promises. Writes that wait at the same time share the commit. What `work` throws
   * rejects this write alone; it may then run a second time, so it must not have effects elsewhere.
   */
  async write<T>(work: (tx: Connection) => Sync<T>, signal?: AbortSignal): Promise<T> {
    if (this.#closing !== undefined) throw this.#closed('write')
    return this.#queue.add(work as (tx: Connection) => T, signal)
  }

  /** Yields after commits, ours and those of other processes; several may be told as one. */
  commits(signal: AbortSignal): AsyncIterable<void> {
    return this.#watch.watch(signal)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.#queue.drained()
    this.#watch.close()
    this.#db.close()
  }

  #closed(operation: string): RejoinError {
    const message = `${this.path} is closed`
    return new RejoinError('closed', message, { operation, component: 'sqlite' })
  }
}

async function openWhenFree(
  settings: DatabaseOptions,
  schema: Schema,
  runtime: Runtime,
): Promise<Database> {
  for (let wait = 1; ; wait = Math.min(wait * 2, 25)) {
    let db: Database | undefined
    try {
      db = new Database(settings)
      if (!settings.readonly) migrate(db, schema, settings.path)
      return db
    } catch (error) {
      db?.close()
      if (!isBusy(error)) throw describeFailure(error, settings.path, 'open')
      await runtime.sleep(wait)
    }
  }
}

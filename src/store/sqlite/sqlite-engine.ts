import { type ClockLimits, HybridClock } from '../../clock/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Connection, SqliteFile, type Sync } from '../../sqlite/index.ts'
import { newMark } from '../../version/index.ts'
import {
  freshMeta,
  type LogContext,
  type LogEngine,
  type PageAnswers,
  type PageKind,
  type PageRequest,
} from '../log/index.ts'
import { logReader } from './log-reader.ts'
import { type PackedPage, unpackPage } from './packed-page.ts'
import { packRequest } from './packed-request.ts'
import { applicationId, chosenTable, eventsTable, migrations, what } from './schema.ts'
import { SqliteTables } from './sqlite-tables.ts'

export interface SqliteEngineOptions {
  readonly path: string
  readonly node?: string
  readonly durability?: 'full' | 'normal'
  readonly cacheBytes?: number
  readonly readonly?: boolean
  readonly readers?: number
  readonly tableName?: string
  readonly clock?: Partial<ClockLimits>
  readonly logger: Logger
  readonly runtime: Runtime
  readonly signal?: AbortSignal
}

/** Runs the log's rules in a SQLite file's transactions. */
export class SqliteEngine implements LogEngine {
  readonly runtime: Runtime
  readonly file: SqliteFile
  readonly #log: LogContext
  readonly #tables: SqliteTables
  readonly #hasReaders: boolean
  /** Changes when another connection has committed. */
  #version: number | undefined

  static async open(options: SqliteEngineOptions): Promise<SqliteEngine> {
    const {
      path,
      durability,
      cacheBytes,
      readonly = false,
      readers = 0,
      tableName,
      logger,
      runtime,
      node,
      signal,
    } = options
    // Misuse is refused before a file is made.
    const clock = new HybridClock(runtime, options.clock)
    let engine: SqliteEngine
    const file = await SqliteFile.open({
      path,
      applicationId,
      what,
      migrations,
      chosenTable: { ...chosenTable, ...(tableName === undefined ? {} : { name: tableName }) },
      readonly,
      logger,
      runtime,
      ...(readers === 0 ? {} : { readers: { count: readers, entry: logReader } }),
      ...(durability === undefined ? {} : { durability }),
      ...(cacheBytes === undefined ? {} : { cacheBytes }),
      ...(signal === undefined ? {} : { signal }),
      participant: {
        begin: (tx, outside) => engine.#begin(tx, outside, node),
        beforeCommit: () => engine.#beforeCommit(),
        committed: () => {
          if (engine.#tables.takeErased()) runtime.soon(() => engine.file.forgetOldPages())
        },
        rolledBack: () => engine.#tables.forget(),
      },
    })
    try {
      engine = new SqliteEngine(options, clock, file, await file.readWhenFree(eventsTable, signal))
      if (!readonly) await engine.#identify(signal)
      signal?.throwIfAborted()
      return engine
    } catch (error) {
      await file.close()
      throw error
    }
  }

  private constructor(
    { logger, runtime, readers = 0 }: SqliteEngineOptions,
    clock: HybridClock,
    file: SqliteFile,
    table: string,
  ) {
    this.runtime = runtime
    this.file = file
    this.#hasReaders = readers > 0
    this.#tables = new SqliteTables(table)
    this.#log = {
      tables: this.#tables,
      clock,
      runtime,
      logger,
      mark: newMark(runtime),
      heardReaders: new Map(),
    }
  }

  /** The first transaction gives a new log its identity. Nobody waits for the lock to open an old one. */
  async #identify(signal: AbortSignal | undefined): Promise<void> {
    const isNew = await this.file.readWhenFree((db) => {
      this.#tables.use(db)
      return this.#tables.isNew
    }, signal)
    if (isNew) await this.file.write(() => {}, signal)
  }

  async read<T>(work: (log: LogContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.file.readWhenFree((db) => {
      this.#look(db)
      return work(this.#log) as Sync<T>
    }, signal)
  }

  readPage<Kind extends PageKind>(
    request: PageRequest<Kind>,
    signal: AbortSignal | undefined,
  ): Promise<PageAnswers[Kind]> | undefined {
    const packed = this.#hasReaders ? packRequest(request) : undefined
    if (packed === undefined) return undefined
    const answer = this.file.readElsewhere(packed, signal) as Promise<PackedPage>
    return answer.then((page) => unpackPage(request.kind as Kind, page))
  }

  write<T>(work: (log: LogContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.file.write((tx) => {
      this.#tables.use(tx)
      return work(this.#log) as Sync<T>
    }, signal)
  }

  overwrite(signal: AbortSignal | undefined): Promise<void> {
    return this.file.oldPagesForgotten(signal)
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.file.commits(signal)
  }

  close(): Promise<void> {
    return this.file.close()
  }

  #begin(tx: Connection, outside: boolean, node: string | undefined): void {
    this.#tables.use(tx)
    // SQLite has just been asked for the whole group.
    if (outside) this.#forget()
    if (this.#tables.isNew) this.#tables.create(freshMeta(node, this.runtime))
    this.#log.clock.resume(this.#tables.meta.clock)
  }

  #beforeCommit(): void {
    this.#tables.meta.clock = this.#log.clock.last
    this.#tables.write()
  }

  #forget(): void {
    this.#tables.forget()
    this.#version = undefined
  }

  /** What is cached holds only as long as no other connection has committed. */
  #look(db: Connection): void {
    this.#tables.use(db)
    const version = db.get('PRAGMA data_version')?.data_version as number
    if (version !== this.#version) this.#tables.forget()
    this.#version = version
  }
}

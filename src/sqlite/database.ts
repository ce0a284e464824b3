import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { CachedConnection, type Connection, type Row } from './connection.ts'
import { openForReading, type ReadingWay, wayToRead } from './frozen.ts'

/** How a file is opened, again and again if need be. */
export interface DatabaseOptions {
  /** Absolute, or `:memory:`. */
  readonly path: string
  readonly durability: 'full' | 'normal'
  readonly cacheBytes: number
  readonly readonly: boolean
  /** For a reader that has to see what another sees; default: as things stand. */
  readonly way?: ReadingWay
}

/** One SQLite connection with its settings, its statements and its transactions. */
export class Database {
  readonly #connection: CachedConnection
  readonly #db: DatabaseSync
  readonly path: string
  /** How a further connection for reading has to be opened, to see the same. */
  readonly way: ReadingWay
  readonly #begin: StatementSync
  readonly #beginWrite: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  readonly #dataVersion: StatementSync
  readonly #walPages: StatementSync
  #lastVersion: number | undefined

  constructor(options: DatabaseOptions) {
    this.path = options.path
    this.way = options.way ?? (options.readonly ? wayToRead(options.path) : 'shared')
    this.#db = connect(options, this.way)
    try {
      configure(this.#db, options)
      this.#connection = new CachedConnection(this.#db)
      this.#begin = this.#db.prepare('BEGIN')
      this.#beginWrite = this.#db.prepare('BEGIN IMMEDIATE')
      this.#commit = this.#db.prepare('COMMIT')
      this.#rollback = this.#db.prepare('ROLLBACK')
      this.#dataVersion = this.#db.prepare('PRAGMA data_version')
      this.#walPages = this.#db.prepare('PRAGMA wal_checkpoint(NOOP)')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** What transactions are given. */
  get connection(): Connection {
    return this.#connection
  }

  get isTransaction(): boolean {
    return this.#db.isTransaction
  }

  begin(): void {
    this.#begin.run()
  }

  beginWrite(): void {
    this.#beginWrite.run()
  }

  commit(): void {
    this.#commit.run()
  }

  /** Does nothing where SQLite has already rolled back, as it does on a full disk. */
  rollback(): void {
    if (this.#db.isTransaction) this.#rollback.run()
  }

  /** Changes when another connection has committed since the last look. */
  dataVersion(): number {
    return this.#dataVersion.get()?.data_version as number
  }

  /**
   * For the transaction that holds the write lock: whether another connection has committed since the
   * last such transaction. True the first time.
   */
  sawOutsideCommit(): boolean {
    const version = this.dataVersion()
    const saw = version !== this.#lastVersion
    this.#lastVersion = version
    return saw
  }

  /** Grows whenever a transaction writes, or might. */
  get writes(): number {
    return this.#connection.writes
  }

  /** How long the WAL is, in pages. */
  walPages(): number {
    return this.#walPages.get()?.log as number
  }

  /** Pages in the WAL, and how many of them are in the main file too. */
  checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): {
    readonly log: number
    readonly checkpointed: number
  } {
    const { log, checkpointed } = this.pragma(`wal_checkpoint(${mode})`)
    return { log: log as number, checkpointed: checkpointed as number }
  }

  exec(sql: string): void {
    this.#db.exec(sql)
  }

  /** The first row a pragma answers with. */
  pragma(text: string): Row {
    return this.#db.prepare(`PRAGMA ${text}`).get() ?? {}
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

function connect({ path, readonly }: DatabaseOptions, way: ReadingWay): DatabaseSync {
  const settings = {
    // Waiting is the write queue's business: SQLite would block the event loop.
    timeout: 0,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
  }
  return readonly ? openForReading(path, way, settings) : new DatabaseSync(path, settings)
}

function configure(db: DatabaseSync, options: DatabaseOptions): void {
  const cacheKib = Math.max(64, Math.ceil(options.cacheBytes / 1024))
  const isFull = options.durability === 'full'
  db.exec(`
    PRAGMA cache_size = -${cacheKib};
    PRAGMA synchronous = ${isFull ? 'FULL' : 'NORMAL'};
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA secure_delete = ON;
  `)
  // On macOS a plain fsync stops at the drive's cache; nowhere else does this change anything.
  db.exec(`PRAGMA fullfsync = ${isFull ? 'ON' : 'OFF'}`)
  // Checkpoints run off the commit path, see checkpoint.ts.
  db.exec('PRAGMA wal_autocheckpoint = 0')
}

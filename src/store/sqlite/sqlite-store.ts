import {
  abortSignal,
  fields,
  type Known,
  oneOf,
  optionalFunction,
  text,
  trueOrFalse,
  unwanted,
  wholeNumber,
} from '../../errors/check.ts'
import type { EventLimits } from '../../event/index.ts'
import type { BackupOptions } from '../../sqlite/index.ts'
import { checkedOptions, LogStore, type StoreOptions, storeOptionNames } from '../log/index.ts'
import { type SqliteProjections, sqliteProjections } from './projections.ts'
import { nameProblem } from './schema.ts'
import { SqliteEngine } from './sqlite-engine.ts'

/** Where a log's file is and how it is used; checked as a whole before the file is touched. */
export interface SqliteStoreOptions extends StoreOptions {
  /** The file; made when it does not exist. `:memory:` for one that goes with the process. */
  readonly path: string
  /**
   * `full` (default): an acknowledged append survives a power loss. `normal`: it survives a killed
   * process; a power loss may take the last ones, which the remotes notice at the next sync.
   */
  readonly durability?: 'full' | 'normal'
  /** SQLite's page cache, shared out evenly among the connections. Default 64 MiB. */
  readonly cacheBytes?: number
  /**
   * Up to so many threads (at most 64), each with a connection of its own, read the pages of `entries`,
   * `changes` and `fetch`, so that a long scan neither blocks the event loop nor waits for a commit. Default
   * 0: everything on the one connection. A read still sees every append told of before it. A thread that
   * breaks rejects what it was reading with `storage_io`, `retryable`, and is replaced. Not with `:memory:`.
   *
   * What it costs, measured: a page of 1,000 events holds up the event loop for a fifth of the time (1 ms
   * instead of 5), but comes 1 to 3 ms later; one event by itself comes after 50 to 80 us instead of 15 to
   * 25. A thread starts with the first read that needs it, which takes 0.1 s, and weighs 6 to 12 MB beside
   * its part of the cache. A read with a function in it, and all other calls, stay on the one connection.
   */
  readonly readers?: number
  /**
   * What the table of events is called, chosen when the file is made: `[A-Za-z_][A-Za-z0-9_]{0,62}`, not one
   * of the log's other tables; default `events`. A file that exists knows its name, so this may be left
   * out; another name than the file's is refused with `invalid_argument`.
   */
  readonly tableName?: string
  /** Reads only; the file must exist. */
  readonly readonly?: boolean
}

/**
 * An event log in one SQLite file (with its `-wal` and `-shm` beside it). Any number of processes may have
 * it open; concurrent appends share a flush. Rejects what is not a Rejoin event log, is newer than this
 * version or is damaged, without touching it.
 */
export class SqliteStore extends LogStore {
  /** Read models in the log's own file. */
  readonly projections: SqliteProjections
  readonly #engine: SqliteEngine

  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const checked = checkedOptions(options, opening, sqliteStoreOptionNames)
    checkFileOptions(checked)
    return new SqliteStore(await SqliteEngine.open(checked), checked.limits)
  }

  private constructor(engine: SqliteEngine, limits: EventLimits) {
    super(engine, limits)
    this.#engine = engine
    this.projections = sqliteProjections(engine.file)
  }

  get path(): string {
    return this.#engine.file.path
  }

  /**
   * Copies the log, as of one moment, to a new file while it stays in use. The copy appears complete or
   * not at all; an existing file is refused.
   */
  async backup(to: string, options: BackupOptions = {}): Promise<void> {
    const where = { operation: 'backup', component: 'store/sqlite' }
    text('the path of the backup', to, where)
    const { signal, onProgress } = fields('options', options, where, backupOptionNames)
    abortSignal(signal, where)
    optionalFunction('onProgress', onProgress, where)
    return this.#engine.file.backup(to, options)
  }
}

function checkFileOptions(options: SqliteStoreOptions): void {
  const {
    path,
    durability = 'full',
    cacheBytes = 0,
    readonly = false,
    readers = 0,
    tableName,
  } = options
  text('path', path, opening)
  oneOf('durability', durability, ['full', 'normal'], opening)
  wholeNumber('cacheBytes', cacheBytes, opening)
  trueOrFalse('readonly', readonly, opening)
  if (tableName !== undefined) checkTableName(tableName)
  wholeNumber('readers', readers, opening, { to: mostReaders })
  if (readers > 0 && path === ':memory:')
    throw unwanted('readers', readers, 'absent or 0 with ":memory:"', opening)
}

function checkTableName(name: string): void {
  text('tableName', name, opening)
  const problem = nameProblem(name)
  if (problem !== undefined) throw unwanted('tableName', name, problem, opening)
}

const mostReaders = 64
const opening = { operation: 'open', component: 'store/sqlite' }

const backupOptionNames: Known<BackupOptions> = { onProgress: true, signal: true }

const sqliteStoreOptionNames: Known<SqliteStoreOptions> = {
  path: true,
  durability: true,
  cacheBytes: true,
  readers: true,
  tableName: true,
  readonly: true,
  ...storeOptionNames,
}

import { type Known, oneOf, text, wholeNumber } from '../../../errors/check.ts'
import type { BackupOptions } from '../../../sqlite/index.ts'
import {
  checkedStateOptions,
  type StateStorageOptions,
  StateStore,
  stateStorageOptionNames,
} from '../../state/index.ts'
import { SqliteStateEngine } from './sqlite-state-engine.ts'

/** Where a storage's file is and how it is used; checked as a whole before the file is touched. */
export interface SqliteStateOptions extends StateStorageOptions {
  /** The file; made when it does not exist. `:memory:` for one that goes with the process. */
  readonly path: string
  /**
   * `full` (default): an acknowledged write survives a power loss. `normal`: it survives a killed process; a
   * power loss may take the last ones.
   */
  readonly durability?: 'full' | 'normal'
  /** SQLite's page cache. Default 64 MiB. */
  readonly cacheBytes?: number
}

/**
 * A state storage in one SQLite file (with its `-wal` and `-shm` beside it). Any number of processes may have it
 * open; commits made at once share a flush. Rejects what is not a Rejoin state storage, is newer than this
 * version or is damaged, without touching it.
 */
export class SqliteStateStorage extends StateStore {
  readonly #engine: SqliteStateEngine

  static async open(options: SqliteStateOptions): Promise<SqliteStateStorage> {
    const checked = checkedStateOptions(options, opening, sqliteStateOptionNames)
    const { path, durability = 'full', cacheBytes = 0 } = checked
    text('path', path, opening)
    oneOf('durability', durability, ['full', 'normal'], opening)
    wholeNumber('cacheBytes', cacheBytes, opening)
    return new SqliteStateStorage(await SqliteStateEngine.open(checked))
  }

  private constructor(engine: SqliteStateEngine) {
    super(engine)
    this.#engine = engine
  }

  get path(): string {
    return this.#engine.file.path
  }

  /** Copies the storage, as of one moment, to a new file while it stays in use; an existing one is refused. */
  backup(to: string, options: BackupOptions = {}): Promise<void> {
    return this.#engine.file.backup(to, options)
  }
}

const opening = { operation: 'open', component: 'store/sqlite' }

const sqliteStateOptionNames: Known<SqliteStateOptions> = {
  ...stateStorageOptionNames,
  path: true,
  durability: true,
  cacheBytes: true,
}

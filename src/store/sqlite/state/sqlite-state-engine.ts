import { type ClockLimits, HybridClock } from '../../../clock/index.ts'
import type { StatePolicies } from '../../../contracts/index.ts'
import type { Logger } from '../../../ports/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { type Connection, SqliteFile, type Sync } from '../../../sqlite/index.ts'
import { newMark, type Position } from '../../../version/index.ts'
import { freshStateMeta, type StateContext, type StateEngine } from '../../state/index.ts'
import { stateApplicationId, stateMigrations, stateWhat } from './schema.ts'
import { SqliteStateTables } from './sqlite-state-tables.ts'

interface SqliteStateEngineOptions {
  readonly path: string
  readonly node?: string
  readonly durability?: 'full' | 'normal'
  readonly cacheBytes?: number
  readonly clock?: Partial<ClockLimits>
  readonly policies: StatePolicies
  readonly logger: Logger
  readonly runtime: Runtime
  readonly signal?: AbortSignal
}

/** Runs the rules of state in a SQLite file's transactions. */
export class SqliteStateEngine implements StateEngine {
  readonly inMemory = false
  readonly policies: StatePolicies
  readonly file: SqliteFile
  readonly #state: StateContext
  readonly #tables: SqliteStateTables
  /** Changes when another connection has committed. */
  #version: number | undefined

  static async open(options: SqliteStateEngineOptions): Promise<SqliteStateEngine> {
    const { path, node, durability, cacheBytes, logger, runtime, signal } = options
    // Misuse is refused before a file is made.
    const clock = new HybridClock(runtime, options.clock)
    const tables = new SqliteStateTables()
    freshStateMeta(node, runtime)
    let engine: SqliteStateEngine
    const file = await SqliteFile.open({
      path,
      applicationId: stateApplicationId,
      what: stateWhat,
      migrations: stateMigrations,
      logger,
      runtime,
      ...(durability === undefined ? {} : { durability }),
      ...(cacheBytes === undefined ? {} : { cacheBytes }),
      ...(signal === undefined ? {} : { signal }),
      participant: {
        begin: (tx, outside) => engine.#begin(tx, outside, node),
        beforeCommit: () => engine.#beforeCommit(),
        committed: () => {},
        rolledBack: () => tables.forget(),
      },
    })
    try {
      engine = new SqliteStateEngine(options, clock, file, tables)
      await file.write(() => {}, signal)
      signal?.throwIfAborted()
      return engine
    } catch (error) {
      await file.close()
      throw error
    }
  }

  private constructor(
    { policies, logger, runtime }: SqliteStateEngineOptions,
    clock: HybridClock,
    file: SqliteFile,
    tables: SqliteStateTables,
  ) {
    this.policies = policies
    this.file = file
    this.#tables = tables
    this.#state = {
      tables,
      clock,
      policies,
      runtime,
      logger,
      mark: newMark(runtime),
      heardReaders: new Map(),
    }
  }

  async read<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    return this.file.readWhenFree((db) => {
      this.#look(db)
      return work(this.#state) as Sync<T>
    }, signal)
  }

  write<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    return this.file.write((tx) => {
      this.#tables.use(tx)
      return work(this.#state) as Sync<T>
    }, signal)
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
    if (this.#tables.isNew) {
      this.#tables.create(freshStateMeta(node, this.#state.runtime))
      // From here on nobody who reads this feed goes on from the start, where all of it is new to them.
      this.#tables.addMark({ mark: this.#state.mark, first: 0n as Position })
    }
    this.#state.clock.resume(this.#tables.meta.clock)
  }

  #beforeCommit(): void {
    this.#tables.meta.clock = this.#state.clock.last
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

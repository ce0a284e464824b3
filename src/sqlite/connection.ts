import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** What a column holds and a parameter takes. */
export type SqliteValue = null | number | bigint | string | Uint8Array

export type Row = Record<string, SqliteValue>

/**
 * A callback's result that is no promise. Transactions are synchronous: one that waits would let a
 * stranger's write into its middle, so an async callback does not compile.
 */
export type Sync<T> = T extends PromiseLike<unknown> ? never : T

/** A compiled statement; every call runs it from start to end, so that nothing stays open. */
export interface Statement {
  run(...params: SqliteValue[]): { readonly changes: number | bigint }
  get(...params: SqliteValue[]): Row | undefined
  all(...params: SqliteValue[]): Row[]
}

/** As `Statement`, with rows as the values of their columns, in order, and integers as bigints. */
export interface ListStatement {
  get(...params: SqliteValue[]): readonly SqliteValue[] | undefined
  all(...params: SqliteValue[]): (readonly SqliteValue[])[]
}

/**
 * The only way to SQL, valid during the transaction it was handed to. Statements are compiled once per
 * text. Integers come back as numbers, and one beyond 2^53 throws; the `Big` flavours give every
 * integer as a bigint.
 */
export interface Connection {
  run(sql: string, ...params: SqliteValue[]): { readonly changes: number }
  get(sql: string, ...params: SqliteValue[]): Row | undefined
  all(sql: string, ...params: SqliteValue[]): Row[]
  getBig(sql: string, ...params: SqliteValue[]): Row | undefined
  allBig(sql: string, ...params: SqliteValue[]): Row[]
  /**
   * For hot loops. Ask for it in every transaction instead of keeping it: the file may have been
   * reopened since.
   */
  prepare(sql: string): Statement
  /** Where many rows of many columns are read: as objects they took twice as long. */
  prepareLists(sql: string): ListStatement
}

/** A `Connection` that keeps what it compiled. */
export class CachedConnection implements Connection {
  /**
   * Uses so far of statements that may write: of all that are no SELECT. Asking SQLite for its count of
   * changes took 0.5 us, once for each request.
   */
  writes = 0
  readonly #db: DatabaseSync
  readonly #compiled = {
    numbers: new Map(),
    bigints: new Map(),
    lists: new Map(),
  } as const satisfies {
    readonly [Kind in Reading]: Map<string, Compiled>
  }

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  run(sql: string, ...params: SqliteValue[]): { readonly changes: number } {
    return { changes: Number(this.#statement(sql, 'numbers').run(...params).changes) }
  }

  get(sql: string, ...params: SqliteValue[]): Row | undefined {
    return this.#statement(sql, 'numbers').get(...params)
  }

  all(sql: string, ...params: SqliteValue[]): Row[] {
    return this.#statement(sql, 'numbers').all(...params)
  }

  getBig(sql: string, ...params: SqliteValue[]): Row | undefined {
    return this.#statement(sql, 'bigints').get(...params)
  }

  allBig(sql: string, ...params: SqliteValue[]): Row[] {
    return this.#statement(sql, 'bigints').all(...params)
  }

  prepare(sql: string): Statement {
    return this.#statement(sql, 'numbers')
  }

  prepareLists(sql: string): ListStatement {
    return this.#statement(sql, 'lists') as unknown as ListStatement
  }

  #statement(sql: string, reading: Reading): StatementSync {
    const cache: Map<string, Compiled> = this.#compiled[reading]
    const { statement, mayWrite } = cache.get(sql) ?? this.#compile(sql, reading, cache)
    if (mayWrite) this.writes++
    return statement
  }

  #compile(sql: string, reading: Reading, cache: Map<string, Compiled>): Compiled {
    const statement = this.#db.prepare(sql)
    statement.setReadBigInts(reading !== 'numbers')
    statement.setReturnArrays(reading === 'lists')
    // Our own texts are few; a caller who builds texts must not make the cache grow without bound.
    if (cache.size >= 256) cache.delete(cache.keys().next().value as string)
    const compiled = { statement, mayWrite: !/^\s*SELECT\b/i.test(sql) }
    cache.set(sql, compiled)
    return compiled
  }
}

/** How a statement gives its rows: as objects, with integers as numbers or bigints, or as lists of values. */
type Reading = 'numbers' | 'bigints' | 'lists'

interface Compiled {
  readonly statement: StatementSync
  readonly mayWrite: boolean
}

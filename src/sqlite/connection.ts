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
  prepare(sql: string, options?: { readonly bigint?: boolean }): Statement
}

/** A `Connection` that keeps what it compiled. */
export class CachedConnection implements Connection {
  /**
   * Uses so far of statements that may write: of all that are no SELECT. Asking SQLite for its count of
   * changes took 0.5 us, once for each request.
   */
  writes = 0
  readonly #db: DatabaseSync
  readonly #numbers = new Map<string, Compiled>()
  readonly #bigints = new Map<string, Compiled>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  run(sql: string, ...params: SqliteValue[]): { readonly changes: number } {
    return { changes: Number(this.#statement(sql, false).run(...params).changes) }
  }

  get(sql: string, ...params: SqliteValue[]): Row | undefined {
    return this.#statement(sql, false).get(...params)
  }

  all(sql: string, ...params: SqliteValue[]): Row[] {
    return this.#statement(sql, false).all(...params)
  }

  getBig(sql: string, ...params: SqliteValue[]): Row | undefined {
    return this.#statement(sql, true).get(...params)
  }

  allBig(sql: string, ...params: SqliteValue[]): Row[] {
    return this.#statement(sql, true).all(...params)
  }

  prepare(sql: string, options?: { readonly bigint?: boolean }): Statement {
    return this.#statement(sql, options?.bigint ?? false)
  }

  #statement(sql: string, bigint: boolean): StatementSync {
    const cache = bigint ? this.#bigints : this.#numbers
    const { statement, mayWrite } = cache.get(sql) ?? this.#compile(sql, bigint, cache)
    if (mayWrite) this.writes++
    return statement
  }

  #compile(sql: string, bigint: boolean, cache: Map<string, Compiled>): Compiled {
    const statement = this.#db.prepare(sql)
    if (bigint) statement.setReadBigInts(true)
    // Our own texts are few; a caller who builds texts must not make the cache grow without bound.
    if (cache.size >= 256) cache.delete(cache.keys().next().value as string)
    const compiled = { statement, mayWrite: !/^\s*SELECT\b/i.test(sql) }
    cache.set(sql, compiled)
    return compiled
  }
}

interface Compiled {
  readonly statement: StatementSync
  readonly mayWrite: boolean
}

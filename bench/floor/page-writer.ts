import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { insertSql } from './event-rows.ts'

/** Inserts a page of rows in a transaction of its own. */
export class PageWriter {
  readonly #insert: StatementSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(insertSql)
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
  }

  write(rows: readonly (readonly SQLInputValue[])[]): void {
    this.#begin.run()
    for (const row of rows) this.#insert.run(...row)
    this.#commit.run()
  }
}

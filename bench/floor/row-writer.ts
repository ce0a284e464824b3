import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { insertSql } from './event-rows.ts'

/** Inserts rows, as many as it is given in one transaction. */
export class RowWriter {
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

import { DatabaseSync } from 'node:sqlite'
import { type ChosenTable, chosenName, migrationsFor } from './chosen-table.ts'
import { resultCode, resultCodeOf } from './failure.ts'

/** What makes a file one of ours. */
export interface Schema {
  /** SQLite's `application_id`, not 0. A file with another is not touched. */
  readonly applicationId: number
  /** Words for errors: 'a Rejoin event log'. */
  readonly what: string
  /** SQL; the file's `user_version` is the number applied. Never change one that was released. */
  readonly migrations: readonly string[]
  readonly chosenTable?: ChosenTable
}

/**
 * What is wrong with the schema of a file: undefined when all that the migrations of its version made is
 * there and the start of each table can be read. Throws what has nothing to do with damage.
 */
export function schemaProblem(db: DatabaseSync, schema: Schema): string | undefined {
  try {
    const version = db.prepare('PRAGMA user_version').get()?.user_version as number
    const migrations = migrationsFor(
      schema,
      schema.chosenTable && chosenName(db, schema.chosenTable),
    )
    const found = new Set(objectsOf(db))
    const missing = objectsAfter(migrations.slice(0, version)).find((name) => !found.has(name))
    if (missing) return `the ${missing} is missing`
    for (const name of found) readStart(db, name)
    return undefined
  } catch (error) {
    if (isDamage(error)) return (error as Error).message
    throw error
  }
}

/** True for what SQLite throws over bytes that make no sense. */
export function isDamage(error: unknown): boolean {
  const code = resultCodeOf(error)
  // A generic error is what a broken text in the schema gives.
  return code === resultCode.corrupt || code === resultCode.notADatabase || code === 1
}

function objectsAfter(migrations: readonly string[]): string[] {
  const db = new DatabaseSync(':memory:')
  try {
    for (const sql of migrations) db.exec(sql)
    return objectsOf(db)
  } finally {
    db.close()
  }
}

function objectsOf(db: DatabaseSync): string[] {
  const rows = db.prepare('SELECT type, name FROM sqlite_schema').all()
  return rows.map(({ type, name }) => `${type} ${name}`)
}

function readStart(db: DatabaseSync, object: string): void {
  const [type, name = ''] = object.split(/ (.*)/s)
  if (type !== 'table' || name.startsWith('sqlite_')) return
  db.prepare(`SELECT 1 FROM "${name.replaceAll('"', '""')}" LIMIT 1`).get()
}

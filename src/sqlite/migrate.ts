import { RejoinError } from '../errors/index.ts'
import type { Database } from './database.ts'

export interface Schema {
  readonly applicationId: number
  /** Words for errors: 'a Rejoin event log'. */
  readonly what: string
  /** SQL; the file's `user_version` is the number applied. */
  readonly migrations: readonly string[]
}

/**
 * Brings the file to the newest schema, all in one transaction, and into WAL mode. A new file carries
 * its application id and version in the main file before it becomes a WAL file. Safe with several
 * processes at once: what is left to do is read again under the write lock. Throws SQLite's busy error
 * when another one is at it.
 */
export function migrate(db: Database, schema: Schema, path: string): void {
  if (!isCurrent(db, schema)) {
    db.beginWrite()
    try {
      applyMissing(db, schema, path)
      db.commit()
    } catch (error) {
      db.rollback()
      throw error
    }
  }
  if (path !== ':memory:') becomeWal(db)
}

function isCurrent(db: Database, schema: Schema): boolean {
  return (
    db.pragma('application_id')?.application_id === schema.applicationId &&
    db.pragma('user_version')?.user_version === schema.migrations.length
  )
}

function applyMissing(db: Database, { applicationId, migrations, what }: Schema, path: string) {
  const version = db.pragma('user_version')?.user_version as number
  if (version > migrations.length)
    throw new RejoinError('storage_newer', `${path}: ${what} of a newer version`, {
      operation: 'open',
      component: 'sqlite',
      details: { path, version, known: migrations.length },
    })
  db.exec(`PRAGMA application_id = ${applicationId}`)
  for (const sql of migrations.slice(version)) db.exec(sql)
  db.exec(`PRAGMA user_version = ${migrations.length}`)
}

function becomeWal(db: Database): void {
  if (db.pragma('journal_mode')?.journal_mode !== 'wal') db.exec('PRAGMA journal_mode = WAL')
  // The main file's own header has to tell the version, for whoever looks without reading the WAL.
  db.pragma('wal_checkpoint(PASSIVE)')
}

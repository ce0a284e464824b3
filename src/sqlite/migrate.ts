import { chosenName, migrationsFor } from './chosen-table.ts'
import type { Database } from './database.ts'
import { foreign, newer, refusal } from './refusal.ts'
import type { Schema } from './schema.ts'

/**
 * Brings the file to the newest schema, all in one transaction, and into WAL mode. A new file carries
 * its application id and version in the main file before it becomes a WAL file. Safe with several
 * processes at once: what is left to do is read again under the write lock. Throws SQLite's busy error
 * when another one is at it.
 */
export function migrate(db: Database, schema: Schema): void {
  if (!isCurrent(db, schema)) {
    db.beginWrite()
    try {
      applyMissing(db, schema)
      db.commit()
    } catch (error) {
      db.rollback()
      throw error
    }
    // The main file's own header has to tell the version, for whoever looks without reading the WAL.
    db.checkpoint('PASSIVE')
  }
  if (db.path !== ':memory:') becomeWal(db)
}

/** True when nothing is left to do for this version of Rejoin. */
export function isCurrent(db: Database, { applicationId, migrations }: Schema): boolean {
  return (
    db.pragma('application_id').application_id === applicationId &&
    db.pragma('user_version').user_version === migrations.length
  )
}

function applyMissing(db: Database, schema: Schema): void {
  const { applicationId, what, chosenTable } = schema
  const name = chosenTable && (chosenName(db.connection, chosenTable) ?? chosenTable.name)
  const migrations = migrationsFor(schema, name)
  const version = db.pragma('user_version').user_version as number
  const owner = db.pragma('application_id').application_id
  // Another process may have been here since the file was recognised.
  if (owner !== applicationId && (owner !== 0 || hasTables(db)))
    throw foreign(db.path, 'an SQLite database of another program', what)
  if (version > migrations.length) throw newer(db.path, what, version, migrations.length)
  db.exec(`PRAGMA application_id = ${applicationId}`)
  for (const sql of migrations.slice(version)) db.exec(sql)
  db.exec(`PRAGMA user_version = ${migrations.length}`)
}

function hasTables(db: Database): boolean {
  return db.connection.get('SELECT 1 FROM sqlite_schema LIMIT 1') !== undefined
}

function becomeWal(db: Database): void {
  if (db.pragma('journal_mode').journal_mode !== 'wal') {
    const { journal_mode } = db.pragma('journal_mode = WAL')
    if (journal_mode !== 'wal') throw noSharedMemory(db.path)
  }
  // Makes the files beside it appear, which tell others that somebody has it open.
  db.dataVersion()
}

function noSharedMemory(path: string): Error {
  const message = 'its file system has no shared memory, which several users of one file need'
  return refusal('storage_io', path, message)
}

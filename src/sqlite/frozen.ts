import { existsSync, statSync } from 'node:fs'
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/**
 * The main file alone, as it stands: no locks, no WAL, nothing created or changed. It goes through
 * SQLite's own file layer because closing a descriptor of our own would drop every lock this process
 * holds on the file.
 */
export function openMainFile(path: string, settings: DatabaseSyncOptions = {}): DatabaseSync {
  return new DatabaseSync(urlOf(path, 'immutable=1'), { ...settings, readOnly: true })
}

/** The whole database, WAL included, for reading only; leaves no trace where that is possible. */
export function openForReading(path: string, settings: DatabaseSyncOptions = {}): DatabaseSync {
  // Somebody has it open, or left it so; the files beside it exist already.
  if (existsSync(`${path}-shm`)) return new DatabaseSync(path, { ...settings, readOnly: true })
  if (isEmpty(`${path}-wal`) && isEmpty(`${path}-journal`)) return openMainFile(path, settings)
  return openLeftOver(path, settings)
}

/**
 * A file whose WAL was left behind by a crash. Without locks and in exclusive mode SQLite keeps the
 * WAL's index in memory, so no `-shm` appears. Never for a file that this process has open elsewhere.
 */
export function openLeftOver(path: string, settings: DatabaseSyncOptions = {}): DatabaseSync {
  const layer = process.platform === 'win32' ? 'win32-none' : 'unix-none'
  const db = new DatabaseSync(urlOf(path, `vfs=${layer}`), { ...settings, readOnly: true })
  db.exec('PRAGMA locking_mode = EXCLUSIVE')
  return db
}

export function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0
}

function urlOf(path: string, query: string): URL {
  const url = pathToFileURL(path)
  url.search = `?mode=ro&${query}`
  return url
}

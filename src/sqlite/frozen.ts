import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { isWritable } from './permissions.ts'

/**
 * The main file alone, as it stands: no locks, no WAL, nothing created or changed. It goes through
 * SQLite's own file layer because closing a descriptor of our own would drop every lock this process
 * holds on the file.
 */
export function openMainFile(path: string, settings: DatabaseSyncOptions = {}): DatabaseSync {
  return new DatabaseSync(urlOf(path, 'immutable=1'), { ...settings, readOnly: true })
}

/**
 * How a reader gets at the whole database: `main file` alone where there is nothing else and nobody is
 * there; `unseen` with a WAL in a folder that can't be written to; otherwise `shared`.
 */
export type ReadingWay = 'main file' | 'unseen' | 'shared'

export function wayToRead(path: string): ReadingWay {
  if (isInUse(path)) return 'shared'
  if (isEmpty(`${path}-wal`) && isEmpty(`${path}-journal`)) return 'main file'
  return isWritable(dirname(path)) === false ? 'unseen' : 'shared'
}

/**
 * The whole database, WAL included, for reading only. With a WAL that a crash has left, an empty `-shm`
 * comes to lie beside it, unless the folder can't be written to.
 */
export function openForReading(
  path: string,
  way: ReadingWay,
  settings: DatabaseSyncOptions = {},
): DatabaseSync {
  if (way === 'main file') return openMainFile(path, settings)
  if (way === 'unseen') return openWithoutLocks(path, settings)
  return new DatabaseSync(path, { ...settings, readOnly: true })
}

/** The same without any trace, for a process that ends without closing it. */
export function openForGood(path: string, settings: DatabaseSyncOptions = {}): DatabaseSync {
  if (isInUse(path)) return new DatabaseSync(path, { ...settings, readOnly: true })
  return isEmpty(`${path}-wal`) ? openMainFile(path, settings) : openUnseen(path, settings)
}

/** The same with no look at who uses it, so that not even the `-shm` notices. */
export function openUnseen(path: string, settings: DatabaseSyncOptions = {}): DatabaseSync {
  const db = openWithoutLocks(path, settings)
  // What is collected as garbage is closed.
  neverClosed.push(db)
  return db
}

const neverClosed: DatabaseSync[] = []

/**
 * The main file and its WAL, without locks; in exclusive mode SQLite keeps the WAL's index in memory, so
 * no `-shm` appears. Closing it is dangerous: SQLite takes itself for the only user and removes a WAL
 * that holds nothing new, also from under others.
 */
function openWithoutLocks(path: string, settings: DatabaseSyncOptions): DatabaseSync {
  const layer = process.platform === 'win32' ? 'win32-none' : 'unix-none'
  const db = new DatabaseSync(urlOf(path, `vfs=${layer}`), { ...settings, readOnly: true })
  db.exec('PRAGMA locking_mode = EXCLUSIVE')
  return db
}

export function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** Somebody has it open, or left it without closing it; the files beside it exist already. */
function isInUse(path: string): boolean {
  return existsSync(`${path}-shm`)
}

function urlOf(path: string, query: string): URL {
  const url = pathToFileURL(path)
  url.search = `?mode=ro&${query}`
  return url
}

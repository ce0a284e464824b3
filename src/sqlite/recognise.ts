import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isEmpty, openMainFile } from './frozen.ts'
import { type Header, parseHeader, readBrokenHeader, readJournal } from './header.ts'
import { damaged, foreign, newer, refusal } from './refusal.ts'
import { isDamage, type Schema, schemaProblem } from './schema.ts'
import { readWal, type Wal } from './wal.ts'

/**
 * - `new`: nothing is there yet, or what a creation that broke off has left
 * - `ours`: open it
 * - `unsure`: ours, with a WAL left behind, and the main file makes sense at most together with it
 */
export type Recognition = 'new' | 'ours' | 'unsure'

/**
 * Tells whether the file is ours before anything touches it: no byte, name, size or time in its folder
 * changes, whatever the answer. Throws `storage_foreign`, `storage_newer`, `storage_damaged`, or, where
 * there is nothing to look at, `storage_io` or `storage_readonly`.
 *
 * While another process writes, parts of two states may be seen: believe a refusal only when it comes
 * twice.
 */
export function recognise(path: string, schema: Schema): Recognition {
  const { what } = schema
  const stats = look(path, what)
  if (!stats || stats.size === 0) {
    if (isEmpty(`${path}-wal`)) return 'new'
    throw damaged(path, what, `the file is ${stats ? 'empty' : 'gone'}, but its -wal is not`)
  }
  const journal = readJournal(`${path}-journal`)
  if (journal === 'created') return recogniseUnfinished(path, schema)
  // To SQLite, less than the smallest page is an empty database.
  if (stats.size < 512) throw whatIsBroken(path, schema, new Error('the file is cut short'))
  const wal = readWal(`${path}-wal`)
  const header = wal?.firstPage ? parseHeader(wal.firstPage) : headerOfMainFile(path, schema)
  if (!isOurs(header, path, schema)) return 'new'
  // The interrupted change is undone by SQLite before anything is read; until then nothing fits.
  if (journal === 'changed') return 'ours'
  if (wal) checkSize(path, what, stats.size, wal)
  const problem = problemInMainFile(path, schema)
  if (problem === undefined) return 'ours'
  if (wal) return 'unsure'
  throw damaged(path, what, problem)
}

function look(path: string, what: string): Stats | undefined {
  const stats = stat(path)
  if (!stats) {
    if (stat(dirname(path))) return undefined
    throw refusal(
      'storage_io',
      path,
      'its folder does not exist. Create it, or choose another path',
    )
  }
  if (stats.isDirectory()) throw foreign(path, 'a folder', what)
  if (!stats.isFile()) throw foreign(path, 'not a regular file', what)
  try {
    accessSync(path, constants.R_OK)
  } catch (cause) {
    throw refusal('storage_readonly', path, 'this user may not read the file', { cause })
  }
  return stats
}

function stat(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES')
      throw refusal('storage_readonly', path, 'this user may not enter its folder', { cause })
    throw refusal('storage_io', path, `the file can't be looked at (${code})`, { cause })
  }
}

/** A transaction that began with an empty database: rolling it back leaves an empty file. */
function recogniseUnfinished(path: string, { applicationId, what }: Schema): 'new' {
  const header = readBrokenHeader(path)
  if (header.isBlank || header.applicationId === applicationId) return 'new'
  throw foreign(path, 'a database that another program has not finished creating', what)
}

function headerOfMainFile(path: string, schema: Schema): Header {
  const db = openMainFile(path)
  try {
    const number = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0] as number
    return {
      applicationId: number('PRAGMA application_id') >>> 0,
      version: number('PRAGMA user_version') >>> 0,
      hasTables: number('SELECT count(*) FROM sqlite_schema') > 0,
    }
  } catch (error) {
    if (isDamage(error)) throw whatIsBroken(path, schema, error)
    throw error
  } finally {
    db.close()
  }
}

function whatIsBroken(path: string, { applicationId, what }: Schema, cause: unknown): Error {
  const header = readBrokenHeader(path)
  if (header.applicationId === applicationId)
    return damaged(path, what, (cause as Error).message, cause)
  const found = header.isSqlite ? 'a damaged SQLite database of another program' : 'no SQLite file'
  return foreign(path, found, what)
}

/** False for a database that nobody has put anything into. */
function isOurs(header: Header, path: string, { applicationId, what, migrations }: Schema) {
  if (header.applicationId !== applicationId) {
    if (header.applicationId === 0 && !header.hasTables) return false
    const id = header.applicationId.toString(16).padStart(8, '0')
    throw foreign(path, `an SQLite database of another program (application_id 0x${id})`, what)
  }
  if (header.version > migrations.length) throw newer(path, what, header.version, migrations.length)
  return true
}

/** Every page has to be somewhere: in the main file or in the WAL. */
function checkSize(path: string, what: string, size: number, wal: Wal): void {
  for (let page = Math.floor(size / wal.pageSize) + 1; page <= wal.pageCount; page++)
    if (!wal.pages.has(page))
      throw damaged(path, what, `page ${page} of ${wal.pageCount} is missing`)
}

function problemInMainFile(path: string, schema: Schema): string | undefined {
  const db = openMainFile(path)
  try {
    return schemaProblem(db, schema)
  } finally {
    db.close()
  }
}

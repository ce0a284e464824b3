import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkName } from './chosen-table.ts'
import { isEmpty, openMainFile } from './frozen.ts'
import { type Header, parseHeader, readJournal } from './header.ts'
import { damaged, foreign, newer, refusal } from './refusal.ts'
import { isDamage, type Schema, schemaProblem } from './schema.ts'
import { missingPage, readWal } from './wal.ts'

/**
 * - `new`: nothing is there yet
 * - `ours`: open it
 * - `unsure`: something about it is broken, or looks so because somebody is writing; see judge.ts
 */
export type Recognition = 'new' | 'ours' | 'unsure'

/**
 * Tells whether the file is ours before anything touches it: no byte, name, size or time in its folder
 * changes, whatever the answer. Throws `storage_foreign` or `storage_newer`, which hold even while
 * somebody writes, or, where there is nothing to look at, `storage_io` or `storage_readonly`.
 */
export function recognise(path: string, schema: Schema): Recognition {
  const stats = look(path, schema.what)
  if (!stats || stats.size === 0) return recogniseNothing(path, schema, stats !== undefined)
  const journal = readJournal(`${path}-journal`)
  // To SQLite, less than the smallest page is an empty database.
  if (journal === 'created' || stats.size < 512) return 'unsure'
  try {
    const wal = readWal(`${path}-wal`)
    const header = wal?.firstPage ? parseHeader(wal.firstPage) : headerOfMainFile(path)
    if (!isOurs(header, path, schema)) return 'new'
    // The interrupted change is undone by SQLite before anything is read; until then nothing fits.
    if (journal === 'changed') return 'ours'
    if (wal && missingPage(wal, stats.size) !== undefined) return 'unsure'
    return problemInMainFile(path, schema) === undefined ? 'ours' : 'unsure'
  } catch (error) {
    if (isDamage(error)) return 'unsure'
    throw error
  }
}

/** False for a database that nobody has put anything into; throws when it is not for us to open. */
export function isOurs(header: Header, path: string, schema: Schema): boolean {
  const { applicationId, what, migrations } = schema
  if (header.applicationId !== applicationId) {
    if (header.applicationId === 0 && !header.hasTables) return false
    const id = header.applicationId.toString(16).padStart(8, '0')
    throw foreign(path, `an SQLite database of another program (application_id 0x${id})`, what)
  }
  if (header.version > migrations.length) throw newer(path, what, header.version, migrations.length)
  return true
}

function recogniseNothing(path: string, { what }: Schema, exists: boolean): 'new' {
  if (isEmpty(`${path}-wal`)) return 'new'
  throw damaged(path, what, `the file is ${exists ? 'empty' : 'gone'}, but its -wal is not`)
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

function headerOfMainFile(path: string): Header {
  const db = openMainFile(path)
  try {
    const number = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0] as number
    return {
      applicationId: number('PRAGMA application_id') >>> 0,
      version: number('PRAGMA user_version') >>> 0,
      hasTables: number('SELECT count(*) FROM sqlite_schema') > 0,
    }
  } finally {
    db.close()
  }
}

function problemInMainFile(path: string, schema: Schema): string | undefined {
  const db = openMainFile(path)
  try {
    const problem = schemaProblem(db, schema)
    if (problem === undefined) checkName(db, path, schema)
    return problem
  } finally {
    db.close()
  }
}

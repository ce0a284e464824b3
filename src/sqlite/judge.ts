import { statSync } from 'node:fs'
import { openMainFile, openUnseen } from './frozen.ts'
import { parseHeader, type RawHeader, readJournal, readMainHeader } from './header.ts'
import { isOurs } from './recognise.ts'
import { damaged, foreign } from './refusal.ts'
import { type Schema, schemaProblem } from './schema.ts'
import { missingPage, readWal, type Wal } from './wal.ts'

/**
 * What to think of a file that `recognise` was unsure about; throws why it is refused. True only of a
 * file that nobody writes to meanwhile.
 *
 * For a process of its own, which ends without an orderly exit: it reads the file by hand, and closing a
 * descriptor of it drops every lock that the process holds on it; and what it opens must not be closed.
 */
export function judge(path: string, schema: Schema): 'new' | 'ours' {
  const main = readMainHeader(path)
  if (readJournal(`${path}-journal`) === 'created') return judgeUnfinished(path, schema, main)
  const wal = readWal(`${path}-wal`)
  const header = wal?.firstPage ? parseHeader(wal.firstPage) : main
  if (header.applicationId !== schema.applicationId) throw notOurs(path, schema, header)
  if (!isOurs(header, path, schema)) return 'new'
  const problem = problemWith(path, schema, wal)
  if (problem !== undefined) throw damaged(path, schema.what, problem)
  return 'ours'
}

/** A transaction that began with an empty database: rolling it back leaves an empty file. */
function judgeUnfinished(path: string, { applicationId, what }: Schema, main: RawHeader): 'new' {
  if (main.isBlank || main.applicationId === applicationId) return 'new'
  throw foreign(path, 'a database that another program has not finished creating', what)
}

function notOurs(path: string, { what }: Schema, header: RawHeader): Error {
  const found = header.isSqlite ? 'a damaged SQLite database of another program' : 'no SQLite file'
  return foreign(path, found, what)
}

function problemWith(path: string, schema: Schema, wal: Wal | undefined): string | undefined {
  const { size } = statSync(path)
  if (size < 512) return 'it is cut short'
  const page = wal && missingPage(wal, size)
  if (page !== undefined) return `page ${page} of ${wal?.pageCount} is missing`
  return schemaProblem(wal ? openUnseen(path) : openMainFile(path), schema)
}

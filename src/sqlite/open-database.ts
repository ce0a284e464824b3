import { statSync } from 'node:fs'
import type { Runtime } from '../runtime/index.ts'
import { runInChild } from './child.ts'
import { checkName } from './chosen-table.ts'
import { Database, type DatabaseOptions } from './database.ts'
import { describeFailure } from './failure.ts'
import { isCurrent, migrate } from './migrate.ts'
import { alignPermissions } from './permissions.ts'
import { type Recognition, recognise } from './recognise.ts'
import { refusal } from './refusal.ts'
import type { Schema } from './schema.ts'
import { whenFree } from './when-free.ts'

/**
 * Opens a file that is ours, or creates it, and brings its schema up to date. Nothing in its folder is
 * changed when it is refused. Rejects with the signal's reason when it aborts while opening waits.
 */
export async function openDatabase(
  options: DatabaseOptions,
  schema: Schema,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<Database> {
  signal?.throwIfAborted()
  try {
    const { path } = options
    if (path !== ':memory:') {
      const recognition = await recogniseSurely(path, schema, runtime, signal)
      if (recognition === 'new' && options.readonly) throw nothingToRead(path, schema)
    }
    return await whenFree(runtime, () => openOnce(options, schema), signal)
  } catch (error) {
    throw describeFailure(error, options.path, 'open')
  }
}

/** Opens a file again that has been open before, and is expected to be as we left it. */
export function reopenDatabase(options: DatabaseOptions, schema: Schema): Database {
  if (recognise(options.path, schema) === 'new')
    throw refusal('storage_io', options.path, 'the file is gone. Put it back, or open it anew')
  return openOnce(options, schema)
}

/** A file that looks broken is judged while nobody writes to it. */
async function recogniseSurely(
  path: string,
  schema: Schema,
  runtime: Runtime,
  signal: AbortSignal | undefined,
): Promise<'new' | 'ours'> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const recognition = await recogniseSoon(path, schema, runtime, signal)
    if (recognition !== 'unsure') return recognition
    const before = traces(path)
    // Longer than a tick of the file's times, so that a write after it shows.
    await runtime.sleep(20, signal)
    const verdict = runInChild({ kind: 'judge', path, schema }, signal)
    await verdict.catch(() => undefined)
    if (traces(path) === before) return verdict
  }
  // Somebody writes to it all the time, so that can't be wrong with it.
  return 'ours'
}

/** Most of what looks broken has passed a moment later. */
async function recogniseSoon(
  path: string,
  schema: Schema,
  runtime: Runtime,
  signal: AbortSignal | undefined,
): Promise<Recognition> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const recognition = recognise(path, schema)
    if (recognition !== 'unsure') return recognition
    await runtime.sleep(3, signal)
  }
  return 'unsure'
}

function traces(path: string): string {
  const seen = ['', '-wal', '-journal'].map((ending) => {
    const stats = statSync(path + ending, { bigint: true, throwIfNoEntry: false })
    return stats && [stats.ino, stats.size, stats.mtimeNs].join()
  })
  return seen.join(' ')
}

function openOnce(options: DatabaseOptions, schema: Schema): Database {
  if (!options.readonly && options.path !== ':memory:') alignPermissions(options.path)
  const db = new Database(options)
  try {
    checkName(db.connection, options.path, schema)
    if (!options.readonly) migrate(db, schema)
    else if (!isCurrent(db, schema)) throw needsMigration(options.path, schema)
    // Another process may have made it since.
    checkName(db.connection, options.path, schema)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function nothingToRead(path: string, { what }: Schema): Error {
  return refusal('invalid_argument', path, `there is no ${what.replace(/^an? /, '')} to read`)
}

function needsMigration(path: string, { what }: Schema): Error {
  const message = `this is ${what} of an older version. Open it once for writing to bring it up to date`
  return refusal('storage_readonly', path, message)
}

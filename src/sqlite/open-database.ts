import type { Runtime } from '../runtime/index.ts'
import { runInChild } from './child.ts'
import { Database, type DatabaseOptions } from './database.ts'
import { describeFailure, isBusy } from './failure.ts'
import { isCurrent, migrate } from './migrate.ts'
import { alignPermissions } from './permissions.ts'
import { type Recognition, recognise } from './recognise.ts'
import { damaged, refusal } from './refusal.ts'
import type { Schema } from './schema.ts'

/**
 * Opens a file that is ours, or creates it, and brings its schema up to date. Nothing in its folder is
 * changed when it is refused.
 */
export async function openDatabase(
  options: DatabaseOptions,
  schema: Schema,
  runtime: Runtime,
): Promise<Database> {
  try {
    const { path } = options
    if (path !== ':memory:') {
      const recognition = await recogniseSurely(path, schema, runtime)
      if (recognition === 'new' && options.readonly) throw nothingToRead(path, schema)
      if (recognition === 'unsure') await judgeWithWal(path, schema)
    }
    return await whenFree(runtime, () => openOnce(options, schema))
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

/** Between the writes of another process a file may look broken for a moment. */
async function recogniseSurely(
  path: string,
  schema: Schema,
  runtime: Runtime,
): Promise<Recognition> {
  try {
    return recognise(path, schema)
  } catch {
    await runtime.sleep(20)
    return recognise(path, schema)
  }
}

/** In a child: reading a left-over WAL without a trace needs a process that has no locks to lose. */
async function judgeWithWal(path: string, schema: Schema): Promise<void> {
  const [problem] = await runInChild({ kind: 'schema', path, schema })
  if (problem !== undefined) throw damaged(path, schema.what, problem)
}

function openOnce(options: DatabaseOptions, schema: Schema): Database {
  if (!options.readonly && options.path !== ':memory:') alignPermissions(options.path)
  const db = new Database(options)
  try {
    if (!options.readonly) migrate(db, schema)
    else if (!isCurrent(db, schema)) throw needsMigration(options.path, schema)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

async function whenFree<T>(runtime: Runtime, attempt: () => T): Promise<T> {
  const end = runtime.monotonic() + busyMilliseconds
  for (let wait = 1; ; wait = Math.min(wait * 2, 25)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || runtime.monotonic() >= end) throw error
      await runtime.sleep(wait * (0.5 + runtime.random() / 2))
    }
  }
}

const busyMilliseconds = 30_000

function nothingToRead(path: string, { what }: Schema): Error {
  return refusal('invalid_argument', path, `there is no ${what.replace(/^an? /, '')} to read`)
}

function needsMigration(path: string, { what }: Schema): Error {
  const message = `this is ${what} of an older version. Open it once for writing to bring it up to date`
  return refusal('storage_readonly', path, message)
}

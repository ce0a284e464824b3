import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { SqliteStore, SqliteStoreOptions } from '../../store/sqlite/index.ts'
import type { CommandIo } from '../command-io.ts'
import { failure } from '../misuse.ts'
import { consoleLogger } from '../terminal/console-logger.ts'

/** Opens a store to read from it; a file that does not exist stays that way. */
export async function openToRead(path: string, io: CommandIo): Promise<SqliteStore> {
  await mustExist(path)
  return open({ path, readonly: true, logger: quietLogger(io), signal: io.signal })
}

/**
 * Opens a store that is there to hear of what others write to it. A reader of a file that nobody has open
 * sees it as it stands, for good; so this one opens it as a writer would, where it may.
 */
export async function openToFollow(path: string, io: CommandIo): Promise<SqliteStore> {
  await mustExist(path)
  try {
    return await openToWrite(path, io)
  } catch (error) {
    if (error instanceof RejoinError && error.code === 'storage_readonly')
      return openToRead(path, io)
    throw error
  }
}

/** Opens a store to write to it, and makes it when there is none. */
export async function openToWrite(
  path: string,
  io: CommandIo,
  {
    node,
    logger = quietLogger(io),
  }: { readonly node?: string | undefined; readonly logger?: Logger } = {},
): Promise<SqliteStore> {
  await mustHaveFolder(path)
  const { signal } = io
  const named = node === undefined ? {} : { node }
  const store = await open({ path, logger, signal, ...named })
  if (node !== undefined) await mustBeNode(store, node, path)
  return store
}

export async function mustExist(path: string): Promise<void> {
  const kind = await kindOf(path)
  if (kind === 'nothing') throw failure('not_found', `there is no file ${path}`)
  if (kind === 'folder') throw isFolder(path)
}

/** Where a new file is to be made, its folder must stand already. */
export async function mustHaveFolder(path: string): Promise<void> {
  if ((await kindOf(path)) === 'folder') throw isFolder(path)
  const folder = dirname(path)
  if ((await kindOf(folder)) !== 'folder')
    throw failure('not_found', `there is no folder ${folder} to put the file into`)
}

/** A command that only tells its help, or what it was called wrongly with, does without the engine. */
async function open(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { SqliteStore } = await import('../../store/sqlite/sqlite-store.ts')
  return SqliteStore.open(options)
}

async function mustBeNode(store: SqliteStore, wanted: string, path: string): Promise<void> {
  const { node } = await store.identity()
  if (node === wanted) return
  await store.close()
  throw failure(
    'invalid_argument',
    `${path} belongs to node "${node}"; --node-id names a new store only`,
  )
}

async function kindOf(path: string): Promise<'nothing' | 'folder' | 'file'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nothing'
    throw failure('storage_io', `can't look at ${path}: ${message}`, error)
  }
}

function isFolder(path: string): RejoinError {
  return failure('not_found', `${path} is a folder; a store is a file`)
}

function quietLogger(io: CommandIo): Logger {
  return consoleLogger(io.err, { level: 'warn', format: 'pretty' })
}

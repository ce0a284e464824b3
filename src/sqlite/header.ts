import { closeSync, openSync, readSync } from 'node:fs'
import { isEmpty } from './frozen.ts'

/** The first page of a database, as far as it says whose it is. */
export interface Header {
  readonly applicationId: number
  /** SQLite's `user_version`: how many migrations were applied. */
  readonly version: number
  readonly hasTables: boolean
}

/** A first page whose every byte is in doubt. */
export interface RawHeader extends Header {
  readonly isSqlite: boolean
  /** Nothing but zeros, or nothing at all. */
  readonly isBlank: boolean
}

export function parseHeader(page: Uint8Array): RawHeader {
  const view = Buffer.alloc(108)
  view.set(page.subarray(0, 108))
  return {
    isSqlite: view.toString('latin1', 0, 16) === 'SQLite format 3\0',
    applicationId: view.readUInt32BE(68),
    version: view.readUInt32BE(60),
    // The schema's root follows the header: a leaf without cells has no tables.
    hasTables: view[100] !== 0x0d || view.readUInt16BE(103) > 0,
    isBlank: view.every((byte) => byte === 0),
  }
}

/** Only in a process that has no locks on the file: closing a descriptor drops them. */
export function readMainHeader(path: string): RawHeader {
  return parseHeader(readStart(path, 108))
}

/**
 * Whether a transaction in rollback mode broke off, or is under way: `created` when the database was
 * empty before it, so that rolling back leaves an empty file.
 */
export function readJournal(path: string): 'none' | 'created' | 'changed' {
  const start = isEmpty(path) ? undefined : readStartOf(path, 28)
  if (start === undefined) return 'none'
  // SQLite invalidates a finished journal by zeros over its magic.
  if (start.toString('hex', 0, 8) !== 'd9d505f920a163d7') return 'none'
  return start.readUInt32BE(16) === 0 ? 'created' : 'changed'
}

/** Undefined for a file that was removed meanwhile, as a journal is by the commit it belongs to. */
function readStartOf(path: string, length: number): Buffer | undefined {
  try {
    return readStart(path, length)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Zeros stand for what the file is too short for. */
function readStart(path: string, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(length)
    readSync(file, buffer, 0, length, 0)
    return buffer
  } finally {
    closeSync(file)
  }
}

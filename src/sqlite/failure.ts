import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ErrorCode, RejoinError } from '../errors/index.ts'
import { isWritable } from './permissions.ts'

/** The primary result codes of SQLite that we tell apart. */
export const resultCode = {
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  protocol: 15,
  notADatabase: 26,
} as const

/** The primary result code of an error thrown by `node:sqlite`; undefined for any other error. */
export function resultCodeOf(error: unknown): number | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined
}

/** True when another connection holds what was needed, and waiting helps. */
export function isBusy(error: unknown): boolean {
  const code = resultCodeOf(error)
  return code === resultCode.busy || code === resultCode.locked || code === resultCode.protocol
}

/** Gives an SQLite error our code and words; everything else passes as it is. */
export function describeFailure(error: unknown, path: string, operation: string): unknown {
  const result = resultCodeOf(error)
  if (result === undefined) return error
  const code = errorCodeOf(result, path)
  const message = `${path}: ${words[code]} (SQLite: ${(error as Error).message})`
  const details = { path, errcode: (error as { errcode: number }).errcode }
  return new RejoinError(code, message, { operation, component: 'sqlite', cause: error, details })
}

type StorageCode = Extract<
  ErrorCode,
  | 'storage_full'
  | 'storage_readonly'
  | 'storage_busy'
  | 'storage_damaged'
  | 'storage_io'
  | 'internal'
>

const words: Readonly<Record<StorageCode, string>> = {
  storage_full: 'the disk is full; nothing was written. Free some space and try again',
  storage_readonly: 'the file or its folder is not writable; nothing was written',
  storage_busy: 'another process holds the file; try again',
  storage_damaged: 'the file is damaged; check it with "verify", or restore a backup',
  storage_io: 'reading or writing the file failed',
  internal: 'SQLite refused a statement',
}

function errorCodeOf(result: number, path: string): StorageCode {
  switch (result) {
    case resultCode.full:
      return 'storage_full'
    case resultCode.readonly:
      return 'storage_readonly'
    case resultCode.busy:
    case resultCode.locked:
    case resultCode.protocol:
      return 'storage_busy'
    case resultCode.corrupt:
    case resultCode.notADatabase:
      return 'storage_damaged'
    // SQLite keeps the errno to itself, so the disk is asked why.
    case resultCode.io:
      return hasSpace(path) ? 'storage_io' : 'storage_full'
    case resultCode.cantOpen:
      if ([dirname(path), path].some((place) => isWritable(place) === false))
        return 'storage_readonly'
      return hasSpace(path) ? 'storage_io' : 'storage_full'
    default:
      return 'internal'
  }
}

function hasSpace(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize >= 128 * 1024
  } catch {
    return true
  }
}

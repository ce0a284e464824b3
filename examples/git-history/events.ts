import { createHash } from 'node:crypto'
import type { Change } from './changes.ts'

/** A line for `rejoin append`. */
export interface EventLine {
  readonly id: string
  readonly type: string
  readonly aggregateId: string
  readonly data: object
}

/** The event for a change. Its id follows from commit and path, so that appending it twice is harmless. */
export function eventOf(change: Change): EventLine {
  const { kind, path, ...rest } = change
  const aggregateId = aggregateOf(path)
  return {
    id: uuidOf(`${change.commit}\0${path}`),
    type: types[kind],
    aggregateId,
    data: { ...rest, ...(aggregateId === path ? {} : { path }) },
  }
}

/** The path, where it can be an aggregate id: up to 255 bytes, without control characters. */
export function aggregateOf(path: string): string {
  const fits = Buffer.byteLength(path) <= 255 && !/\p{Cc}/u.test(path)
  return fits ? path : `path-${createHash('sha256').update(path).digest('hex')}`
}

/** A UUID of version 8: whatever its maker likes, here a hash. */
export function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest()
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-')
}

const types: Readonly<Record<Change['kind'], string>> = {
  added: 'FileAdded',
  modified: 'FileModified',
  deleted: 'FileDeleted',
  renamed: 'FileRenamed',
}

import type { EventId } from '../../event/index.ts'
import type { SqliteValue } from '../../sqlite/index.ts'

/**
 * The stored form of an id: a canonical lower-case UUID is its 16 bytes, everything else its text.
 * SQLite never takes a blob for a text, so the two can't be confused.
 */
export function idKey(id: string): Uint8Array | string {
  if (id.length !== 36 || !uuid.test(id)) return id
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

export function idOf(key: SqliteValue): EventId {
  if (typeof key === 'string') return key as EventId
  const bytes = key as Uint8Array
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as EventId
}

export function parentsKey(parents: readonly EventId[]): SqliteValue {
  if (parents.length === 0) return null
  const only = parents.length === 1 ? idKey(parents[0] as EventId) : undefined
  // A text is told from a list by its first character.
  return typeof only === 'object' ? only : JSON.stringify(parents)
}

export function parentsOf(key: SqliteValue): readonly EventId[] {
  if (key === null) return none
  return typeof key === 'string' ? (JSON.parse(key) as EventId[]) : [idOf(key)]
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const none: readonly EventId[] = []

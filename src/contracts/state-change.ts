import type { EventId } from '../event/index.ts'
import { canonicalJson } from '../json/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Position } from '../version/index.ts'

/** What a path has come to, as it travels between replicas: a write, or the tombstone of a delete. */
export interface StateChange {
  readonly path: string
  /** Nanoseconds since 1970 of the object's first write; 0 in a tombstone. */
  readonly created: bigint
  /** Of its last write, 0 while there was only one; in a tombstone, of the delete. */
  readonly updated: bigint
  /** Its data: exact JSON without white space between tokens; `null` in a tombstone. */
  readonly dataText: string | null
  /**
   * What the path's conflict policy keeps of earlier versions, on one line; mostly empty. Travels among native
   * replicas.
   */
  readonly note: string
}

/** A change at its place in one storage's feed. */
export interface StateRow extends StateChange {
  readonly position: Position
}

/** A change as a link moves it: its path is its id, and nothing has to be there before it. */
export class LinkedChange implements StateChange {
  readonly path: string
  readonly created: bigint
  readonly updated: bigint
  readonly dataText: string | null
  readonly note: string

  constructor({ path, created, updated, dataText, note }: StateChange) {
    this.path = path
    this.created = created
    this.updated = updated
    this.dataText = dataText
    this.note = note
  }

  get id(): EventId {
    return this.path as EventId
  }

  get parents(): readonly EventId[] {
    return noParents
  }

  /** Bytes this takes on the way, about. */
  get size(): number {
    return changeSize(this)
  }
}

/** Bytes a change takes, about: characters, and what the rest of it weighs. */
export function changeSize({ path, dataText, note }: StateChange): number {
  return path.length + (dataText?.length ?? 0) + note.length + 64
}

/** When it happened, as far as order goes. */
export function timeOf({ created, updated }: Pick<StateChange, 'created' | 'updated'>): bigint {
  return created > updated ? created : updated
}

/**
 * Which of two versions of a path stands, on every replica: the greater `max(created, updated)`; then a delete
 * over a write; then the greater SHA-256 of the canonical JSON. Versions that are equal in all of that are told
 * apart by the rest of what they hold, so that replicas come to the same bytes. A total order.
 */
export function lastWriteWins(
  one: StateChange,
  other: StateChange,
  runtime: Pick<Runtime, 'sha256'>,
): StateChange {
  return compareChanges(one, other, runtime) >= 0 ? one : other
}

/** Above 0 when `one` stands over `other`; 0 for versions equal in every byte. */
export function compareChanges(
  one: StateChange,
  other: StateChange,
  runtime: Pick<Runtime, 'sha256'>,
): number {
  const byTime = compare(timeOf(one), timeOf(other))
  if (byTime !== 0) return byTime
  const byDelete = compare(Number(one.dataText === null), Number(other.dataText === null))
  if (byDelete !== 0 || sameChange(one, other)) return byDelete
  return (
    compare(contentHashOf(one, runtime), contentHashOf(other, runtime)) ||
    compare(one.updated, other.updated) ||
    compare(one.created, other.created) ||
    compare(one.dataText ?? '', other.dataText ?? '') ||
    compare(one.note, other.note)
  )
}

/** Equal in every byte that travels. */
export function sameChange(one: StateChange, other: StateChange): boolean {
  return (
    one.path === other.path &&
    one.created === other.created &&
    one.updated === other.updated &&
    one.dataText === other.dataText &&
    one.note === other.note
  )
}

function contentHashOf({ dataText }: StateChange, { sha256 }: Pick<Runtime, 'sha256'>): string {
  // Compared as text: base64url does not sort as its bytes do, but the same way on every replica.
  return dataText === null ? '' : sha256(canonicalJson(dataText))
}

function compare<T extends bigint | number | string>(one: T, other: T): number {
  return one > other ? 1 : one < other ? -1 : 0
}

const noParents: readonly EventId[] = []

import { type StateChange, timeOf } from '../../contracts/index.ts'
import { canonicalJson, membersOf, parseJson } from '../../json/index.ts'

/** A version, taken apart into what can be joined with another one. */
export interface Merged {
  /** The time of the last delete that is known; 0 for none. */
  readonly deleted: bigint
  /** Greatest of all versions, deleted ones too. */
  readonly created: bigint
  /** Time of the last write; it lives when that is after the delete. */
  readonly written: bigint
  readonly fields: Fields
}

export type Fields = Map<string, Field>

/** A field's value as JSON text, or `null`: it was left out; and when. */
export interface Field {
  readonly time: bigint
  readonly text: string | null
}

/** A tombstone, or an object. */
export function isMergeable({ dataText }: StateChange): boolean {
  return dataText === null || dataText.startsWith('{')
}

/** Of one field, in a total order: by time, then without over with, then by content. */
export function laterField(one: Field, other: Field): Field {
  if (one.time !== other.time) return one.time > other.time ? one : other
  if (one.text === null || other.text === null) return one.text === null ? one : other
  const [first, second] = [canonicalJson(one.text), canonicalJson(other.text)]
  if (first !== second) return first > second ? one : other
  return one.text >= other.text ? one : other
}

export function fieldsOf(change: StateChange): Merged {
  const { dataText, created, updated, note } = change
  const kept = keptIn(note)
  if (dataText === null) {
    const { created: before = 0n } = kept
    return { deleted: updated, created: before, written: 0n, fields: new Map() }
  }
  const time = timeOf(change)
  const fields: Fields = new Map()
  for (const [name, at] of kept.times) fields.set(name, { time: at, text: null })
  for (const { key, from, to } of membersOf(dataText, 0))
    fields.set(key, { time: kept.times.get(key) ?? time, text: dataText.slice(from, to) })
  return { deleted: kept.deleted, created: kept.created ?? created, written: time, fields }
}

/** The version in the one form that it has on every replica: names in order, no time that says nothing. */
export function versionOf(merged: Merged, path: string): StateChange {
  const { deleted, created, written } = merged
  if (written <= deleted) {
    const note = created === 0n ? '' : JSON.stringify({ created: String(created) })
    return { path, created: 0n, updated: deleted, dataText: null, note }
  }
  const known = [...merged.fields]
    .filter(([, { time }]) => time > deleted)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const members = known.flatMap(([name, { text }]) =>
    text === null ? [] : `${JSON.stringify(name)}:${text}`,
  )
  const times = known.map(([name, { time }]) => [name, String(time)])
  // Of a version that was deleted: later than all that lives, and yet no time that this one was written.
  const isBeyond = created > written
  const note = JSON.stringify({
    ...(deleted > 0n && { deleted: String(deleted) }),
    ...(isBeyond && { created: String(created) }),
    times,
  })
  return {
    path,
    created: isBeyond ? written : created,
    updated: written > created ? written : 0n,
    dataText: `{${members.join(',')}}`,
    note,
  }
}

interface Kept {
  readonly deleted: bigint
  readonly created?: bigint
  readonly times: ReadonlyMap<string, bigint>
}

/** A note from elsewhere may be anything; what can't be read counts as none. */
function keptIn(note: string): Kept {
  if (note === '') return nothing
  try {
    const { deleted = '0', created, times = [] } = parseJson(note) as RawNote
    return {
      deleted: BigInt(deleted),
      ...(created !== undefined && { created: BigInt(created) }),
      times: new Map(times.map(([name, time]) => [String(name), BigInt(time)])),
    }
  } catch {
    return nothing
  }
}

interface RawNote {
  readonly deleted?: string
  readonly created?: string
  readonly times?: readonly (readonly [string, string])[]
}

const nothing: Kept = { deleted: 0n, times: new Map() }

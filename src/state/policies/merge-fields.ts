import {
  lastWriteWins,
  type StateChange,
  type StatePolicy,
  sameChange,
  timeOf,
} from '../../contracts/index.ts'
import { canonicalJson } from '../../json/index.ts'
import { type Fields, fieldsOf, isMergeable, laterField, type Merged, versionOf } from './fields.ts'

/**
 * Field by field, of the outermost level: who changes one field and who changes another both keep their change;
 * of one field the last write wins, and to leave a field out is a change of it. A delete takes all fields that
 * were last written before it. For objects: versions that are something else are ordered as whole by
 * `last-write-wins`.
 */
export const mergeFields: StatePolicy = {
  name: 'merge-fields',

  merge(one, other, runtime) {
    if (!isMergeable(one) || !isMergeable(other)) return lastWriteWins(one, other, runtime)
    if (sameChange(one, other)) return one
    return versionOf(joined(fieldsOf(one), fieldsOf(other)), one.path)
  },

  write(held, written) {
    if (!isMergeable(written) || (held !== undefined && !isMergeable(held))) return written
    const after = fieldsOf(written)
    const before = held && fieldsOf(held)
    if (before === undefined) return written
    if (written.dataText === null) return versionOf(joined(before, after), written.path)
    return versionOf(rewritten(before, after, written), written.path)
  },
}

function joined(one: Merged, other: Merged): Merged {
  const deleted = greatest(one.deleted, other.deleted)
  const fields: Fields = new Map(one.fields)
  for (const [name, field] of other.fields) {
    const held = fields.get(name)
    fields.set(name, held === undefined ? field : laterField(held, field))
  }
  return {
    deleted,
    created: greatest(one.created, other.created),
    written: greatest(one.written, other.written),
    fields,
  }
}

/** What a whole new version changes: the rest keeps its time, so that it does not win over others' changes. */
function rewritten(before: Merged, after: Merged, written: StateChange): Merged {
  const time = timeOf(written)
  const fields: Fields = new Map(before.fields)
  for (const [name, { text }] of before.fields)
    if (text !== null && !after.fields.has(name)) fields.set(name, { time, text: null })
  for (const [name, field] of after.fields) {
    const held = before.fields.get(name)?.text ?? null
    const isSame = held !== null && field.text !== null && sameJson(held, field.text)
    if (!isSame) fields.set(name, { ...field, time })
  }
  const created = greatest(before.created, written.created)
  return { ...before, created, written: time, fields }
}

function sameJson(one: string, other: string): boolean {
  return one === other || canonicalJson(one) === canonicalJson(other)
}

function greatest(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

import type { Conflict } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { type Fold, foldBase } from '../scope-history.ts'

/** A value of JSON. */
export type Json = unknown

/** The way to a field from the top. Empty: the whole. */
export type Path = readonly string[]

/** What a conflict's data come to by merging fields: before it, and along each branch. */
export interface Sides {
  /** `undefined`: there was nothing before. */
  readonly base: Json
  readonly branches: readonly Json[]
}

export function sidesOf(conflict: Conflict): Sides {
  const base = foldBase(conflict, byFields)
  const branches = conflict.branches.map(({ events }) =>
    events.reduce((state, { data }) => withFields(state, data), base),
  )
  return { base, branches }
}

/** The state with the fields of `data`: objects are merged, everything else, lists too, is replaced. */
export function withFields(state: Json, data: Json): Json {
  if (!isObject(state) || !isObject(data)) return data
  const fields = new Map(Object.entries(state))
  for (const [name, value] of Object.entries(data))
    fields.set(name, withFields(fields.get(name), value))
  // Unlike an assignment, this makes a field even of `__proto__`.
  return Object.fromEntries(fields)
}

/** Whether an event with this data sets the field, or something around it that leaves no room for it. */
export function sets(data: Json, path: Path): boolean {
  let value = data
  for (const name of path) {
    if (!isObject(value)) return true
    if (!Object.hasOwn(value, name)) return false
    value = value[name]
  }
  return true
}

/** The last of these events that sets the field. */
export function lastToSet(events: readonly LogEvent[], path: Path): LogEvent | undefined {
  return events.findLast(({ data }) => sets(data, path))
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether two values of JSON are equal, whatever the order of their fields. */
export function isEqual(one: Json, other: Json): boolean {
  if (Object.is(one, other) || one === other) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, at) => isEqual(item, other[at]))
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  )
}

const byFields: Fold<Json> = {
  initial: undefined,
  step: (state, { data }) => withFields(state, data),
}

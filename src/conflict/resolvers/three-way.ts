import type { Conflict } from '../../contracts/index.ts'
import { isEqual, isObject, type Json, lastToSet, type Path, sidesOf } from './fields.ts'

/** A field that some branch changed. */
export interface Change {
  /** Empty: the whole, which is no object on some side. */
  readonly path: Path
  /** Its value on the branches that changed it; `at` is their index. */
  readonly values: readonly { readonly at: number; readonly value: Json }[]
  /** The one of `values` that counts. */
  readonly winner: number
  /** Several branches set it to different values, and none of them knew of all others. */
  readonly collides: boolean
}

/** What the branches changed against the base, field by field, in the order the fields are first met. */
export function changesOf(conflict: Conflict): readonly Change[] {
  return compared(conflict).changes
}

/** The base with what each branch changed, and what was changed. */
export function compared(conflict: Conflict): {
  readonly data: Json
  readonly changes: readonly Change[]
} {
  const { base, branches } = sidesOf(conflict)
  const changes: Change[] = []
  return { data: merged([], base, branches), changes }

  function merged(path: Path, before: Json, sides: readonly Json[]): Json {
    const values = sides.flatMap((value, at) => (isEqual(value, before) ? [] : [{ at, value }]))
    const [only] = values
    if (only === undefined) return before
    // Where all that was set is objects, it is their fields that were changed.
    if (values.every(({ value }) => isObject(value)))
      return mergedFields(
        path,
        before,
        sides.map((side) => (isObject(side) ? side : {})),
      )
    const change = settled(conflict, path, values)
    changes.push(change)
    return change.values.find(({ at }) => at === change.winner)?.value
  }

  function mergedFields(
    path: Path,
    before: Json,
    sides: readonly Readonly<Record<string, Json>>[],
  ): Json {
    const inBase = isObject(before) ? before : {}
    const names = new Set([inBase, ...sides].flatMap(Object.keys))
    const fields: [string, Json][] = []
    for (const name of names) {
      const known = own(inBase, name)
      const value = merged(
        [...path, name],
        known,
        sides.map((side) => own(side, name)),
      )
      if (value !== undefined) fields.push([name, value])
    }
    return Object.fromEntries(fields)
  }
}

/** Who wins a field: the last to set it in effective order. */
function settled({ branches, events }: Conflict, path: Path, values: Change['values']): Change {
  const writes = values.map(({ at, value }) => {
    const known = branches[at]?.events ?? []
    const event = lastToSet(known, path)
    return { at, value, known, event, place: event === undefined ? -1 : events.indexOf(event) }
  })
  const winner = writes.reduce((last, write) => (write.place > last.place ? write : last))
  // What the winner's branch knew and set anew is no collision.
  const collides = writes.some(
    ({ value, event }) =>
      !isEqual(value, winner.value) && event !== undefined && !winner.known.includes(event),
  )
  return { path, values, winner: winner.at, collides }
}

function own(fields: Readonly<Record<string, Json>>, name: string): Json {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

import { compareChanges, type StateChange, type StatePolicy } from '../../contracts/index.ts'
import { parseJson } from '../../json/index.ts'
import type { Runtime } from '../../runtime/index.ts'

/**
 * Who is first keeps the path until it is deleted: for claims, names, locks. A write to what lives is `kept`.
 * Of writes made without knowing of each other the one created first stands, on every replica; a delete stands
 * over every write that did not know of it. (A write through a route without notes, such as a Go server's, never
 * stands over a delete.)
 */
export const firstWriteWins: StatePolicy = {
  name: 'first-write-wins',

  merge(one, other, runtime) {
    return compare(one, other, runtime) >= 0 ? one : other
  },

  write(held, written) {
    if (held === undefined || written.dataText === null) return written
    if (held.dataText !== null) return undefined
    return { ...written, note: JSON.stringify({ after: String(held.updated) }) }
  },
}

/** A total order, so that the greatest of any number of versions is the same however they come. */
function compare(one: StateChange, other: StateChange, runtime: Pick<Runtime, 'sha256'>): number {
  const generations = [generationOf(one), generationOf(other)] as const
  if (generations[0] !== generations[1]) return generations[0] > generations[1] ? 1 : -1
  const areWrites = [one.dataText !== null, other.dataText !== null] as const
  if (areWrites[0] !== areWrites[1]) return areWrites[0] ? 1 : -1
  if (one.created !== other.created) return one.created < other.created ? 1 : -1
  return compareChanges(one, other, runtime)
}

/** The time of the delete itself, or of the one that a write was made above. */
function generationOf({ dataText, updated, note }: StateChange): bigint {
  return dataText === null ? updated : afterIn(note)
}

function afterIn(note: string): bigint {
  if (!form.test(note)) return 0n
  return BigInt((parseJson(note) as { readonly after: string }).after)
}

const form = /^\{"after":"[0-9]{1,19}"\}$/

import type { Conflict } from '../../contracts/index.ts'
import { nodeOf } from '../../event/index.ts'
import { isEqual, type Path, sidesOf } from '../resolvers/fields.ts'
import { type Change, changesOf } from '../resolvers/three-way.ts'
import type { Condition, Leaf } from './condition.ts'
import { fits } from './pattern.ts'
import type { Relation } from './when.ts'

/** A conflict with what conditions ask about it, found out once. */
export class Asked {
  readonly conflict: Conflict
  #changes: readonly Change[] | undefined
  #relation: Relation | undefined

  constructor(conflict: Conflict) {
    this.conflict = conflict
  }

  get changes(): readonly Change[] {
    this.#changes ??= changesOf(this.conflict)
    return this.#changes
  }

  get relation(): Relation {
    this.#relation ??= this.#findRelation()
    return this.#relation
  }

  #findRelation(): Relation {
    const { branches } = sidesOf(this.conflict)
    if (branches.every((data) => isEqual(data, branches[0]))) return 'equal'
    return this.changes.some(({ collides }) => collides) ? 'colliding' : 'separate'
  }
}

/** Throws what a custom condition throws, and when its answer is neither true nor false. */
export function holds(condition: Condition, asked: Asked): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every((part) => holds(part, asked))
    case 'or':
      return condition.of.some((part) => holds(part, asked))
    case 'not':
      return !holds(condition.of, asked)
    default:
      return isSo(condition, asked)
  }
}

function isSo(leaf: Leaf, asked: Asked): boolean {
  const { conflict } = asked
  const { events } = conflict
  switch (leaf.kind) {
    case 'type':
      return events.every(({ type }) => leaf.values.includes(type))
    case 'aggregate':
      return leaf.values.some((pattern) => fits(conflict.aggregateId, pattern))
    case 'origin':
      return events.some(
        ({ origin }) =>
          origin !== null && leaf.values.some((pattern) => fits(nodeOf(origin), pattern)),
      )
    case 'field':
      return leaf.values.some((field) => isChanged(field.split('.'), asked.changes))
    case 'relation':
      return leaf.values.includes(asked.relation)
    case 'metadata':
      return events.some(({ metadata }) =>
        leaf.entries.every(
          ([name, value]) => Object.hasOwn(metadata, name) && metadata[name] === value,
        ),
      )
    case 'custom':
      return answerOf(leaf.name, leaf.holds(conflict))
  }
}

/** At the field, in it, or around it. */
function isChanged(field: Path, changes: readonly Change[]): boolean {
  return changes.some(({ path }) => {
    const shorter = Math.min(path.length, field.length)
    return path.slice(0, shorter).every((name, at) => name === field[at])
  })
}

function answerOf(name: string, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  throw new TypeError(`the condition "${name}" must answer true or false, not ${typeof answer}`)
}

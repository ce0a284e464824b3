import type { Condition, Leaf, ListLeaf } from './condition.ts'
import { excludes, isWithin } from './pattern.ts'
import { relations } from './when.ts'

/** Leaves that hold together, some of them the other way round. Without any, it holds for every conflict. */
export type Term = readonly Literal[]

interface Literal {
  readonly leaf: Leaf
  readonly isNegated: boolean
}

/**
 * The condition as terms of which one must hold, without those that never can. `undefined` when they would be
 * too many to look at.
 */
export function termsOf(condition: Condition): readonly Term[] | undefined {
  return spread(condition, false)?.filter((term) => !isContradictory(term))
}

/** Whether whatever fits `term` fits `other`. What it says is so; it may miss some. */
export function isCoveredBy(term: Term, other: Term): boolean {
  return other.every((wanted) => term.some((given) => implies(given, wanted)))
}

function spread(condition: Condition, isNegated: boolean): readonly Term[] | undefined {
  switch (condition.kind) {
    case 'not':
      return spread(condition.of, !isNegated)
    case 'and':
    case 'or': {
      const parts = condition.of.map((part) => spread(part, isNegated))
      if (!parts.every((part) => part !== undefined)) return undefined
      return (condition.kind === 'and') === isNegated ? limited(parts.flat()) : product(parts)
    }
    default:
      return [[{ leaf: condition, isNegated }]]
  }
}

function product(parts: readonly (readonly Term[])[]): readonly Term[] | undefined {
  let terms: readonly Term[] | undefined = [[]]
  for (const part of parts)
    terms = terms && limited(terms.flatMap((term) => part.map((more) => [...term, ...more])))
  return terms
}

function limited(terms: readonly Term[]): readonly Term[] | undefined {
  return terms.length > mostTerms ? undefined : terms
}

function isContradictory(term: Term): boolean {
  return (
    term.some((one) => term.some((other) => implies(one, negated(other)))) ||
    leavesNothing(term, 'type') ||
    leavesNothing(term, 'relation')
  )
}

/** Several lists of which the conflict's must be in each, and they have nothing in common. */
function leavesNothing(term: Term, kind: 'type' | 'relation'): boolean {
  let left: readonly string[] | undefined = kind === 'relation' ? relations : undefined
  for (const { leaf, isNegated } of term) {
    if (leaf.kind !== kind) continue
    if (!isNegated) left = (left ?? leaf.values).filter((value) => leaf.values.includes(value))
    // Events of types that are not all in a list may still have some of them.
    else if (kind === 'relation') left = left?.filter((value) => !leaf.values.includes(value))
  }
  return left?.length === 0
}

function implies(one: Literal, other: Literal): boolean {
  if (!one.isNegated && !other.isNegated) return isNarrower(one.leaf, other.leaf)
  if (one.isNegated && other.isNegated) return isNarrower(other.leaf, one.leaf)
  if (!one.isNegated) return areExclusive(one.leaf, other.leaf)
  return one.leaf.kind === 'relation' && isNarrower(inverse(one.leaf), other.leaf)
}

/** Whether `other` holds wherever `one` does. */
function isNarrower(one: Leaf, other: Leaf): boolean {
  if (one.kind === 'custom') return other.kind === 'custom' && one.name === other.name
  if (one.kind === 'metadata')
    return (
      other.kind === 'metadata' &&
      other.entries.every(([name, value]) =>
        one.entries.some(([known, has]) => known === name && has === value),
      )
    )
  if (one.kind !== other.kind) return false
  const within = comparisons[one.kind]
  return one.values.every((value) => other.values.some((wider) => within(value, wider)))
}

function areExclusive(one: Leaf, other: Leaf): boolean {
  if (one.kind !== other.kind) return false
  // Of fields, origins and metadata, a conflict can have several.
  if (one.kind !== 'type' && one.kind !== 'relation' && one.kind !== 'aggregate') return false
  const { values } = other as ListLeaf
  const excluding = one.kind === 'aggregate' ? excludes : isOther
  return one.values.every((value) => values.every((barred) => excluding(value, barred)))
}

function negated({ leaf, isNegated }: Literal): Literal {
  return { leaf, isNegated: !isNegated }
}

function inverse(leaf: ListLeaf): Leaf {
  return { kind: 'relation', values: relations.filter((one) => !leaf.values.includes(one)) }
}

const isSame = (value: string, wider: string) => value === wider
const isOther = (value: string, barred: string) => value !== barred
const comparisons = {
  type: isSame,
  relation: isSame,
  aggregate: isWithin,
  origin: isWithin,
  field: (value: string, wider: string) => value === wider || value.startsWith(`${wider}.`),
} as const

/** Where `and` and `or` alternate, terms multiply. */
const mostTerms = 64

import type { Conflict } from '../../contracts/index.ts'

/** Which conflicts a rule is for. Plain data. */
export type When = 'always' | Conditions

/** All that is given must hold. A list holds when one of its items does. */
export interface Conditions {
  /** Every event in conflict is of this type, or of one of these. */
  readonly type?: OneOrMore<string>
  /** The aggregate id; `*` stands for any text. */
  readonly aggregate?: OneOrMore<string>
  /** Some branch changed this field, something in it, or something around it: `address.city`. */
  readonly field?: OneOrMore<string>
  /** Some event in conflict has all of this metadata. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>
  /** Some event in conflict was written by this node; `*` stands for any text. */
  readonly origin?: OneOrMore<string>
  /** How the branches' data relate, see `Relation`. */
  readonly relation?: OneOrMore<Relation>
  /** A condition from the rule set's `conditions`, by name. */
  readonly custom?: string
  readonly and?: readonly When[]
  readonly or?: readonly When[]
  readonly not?: When
}

export type OneOrMore<T> = T | readonly T[]

/**
 * Branches are always concurrent; this is about what they say. `equal`: merged field by field, all come to
 * the same data. `separate`: no field was set to different values. `colliding`: some field was.
 */
export type Relation = (typeof relations)[number]
export const relations = ['equal', 'separate', 'colliding'] as const

/** A condition of the application's own. Must be pure, as a resolver. */
export type CustomCondition = (conflict: Conflict) => boolean

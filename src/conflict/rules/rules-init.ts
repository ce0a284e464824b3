import type { Conflict, Resolution, Resolver } from '../../contracts/index.ts'
import type { ConflictKey } from '../conflict-key.ts'
import type { RuleHooks } from './hooks.ts'
import type { CustomCondition, When } from './when.ts'

/**
 * What a rule set is made of. Rules and groups are plain data, so they can come from a file; what is code is
 * registered beside them and named. A conflict is resolved by the first rule it fits: first `rules`, then the
 * `groups` one after the other, then `fallback`.
 */
export interface RulesInit {
  readonly rules?: readonly Rule[]
  readonly groups?: readonly RuleGroup[]
  /** For conflicts that no rule fits. Default `additive`. */
  readonly fallback?: ResolverChoice
  /**
   * Which events conflict: `type` (the default: those of one aggregate and type), `aggregate`, a function, or
   * the name of one in `conflictKeys`.
   */
  readonly conflictKey?: string | ConflictKey
  readonly conflictKeys?: Readonly<Record<string, ConflictKey>>
  /**
   * What becomes of events written beside a snapshot, without knowledge of it, and of snapshots beside each
   * other. All is kept either way; `review` (the default): a person is asked; `keep`: nobody is. Rules are not.
   */
  readonly besideSnapshot?: BesideSnapshot
  /** Resolvers of the application's own, by the name that rules use. */
  readonly resolvers?: Readonly<Record<string, CustomResolver>>
  /** Conditions of the application's own, by the name that rules use. */
  readonly conditions?: Readonly<Record<string, CustomCondition>>
  /**
   * Change it with the code of a registered function: the hash knows functions only by name, and would call
   * old and new code equal.
   */
  readonly revision?: string
  readonly hooks?: RuleHooks
}

export type BesideSnapshot = 'review' | 'keep'

export interface Rule {
  /** Told where the rule decided. Without dots, unlike its neighbours', and not `fallback`. */
  readonly name: string
  readonly when: When
  readonly resolve: ResolverChoice
  /** For the resolver, such as the `reason` of `manual-review`. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Default true. */
  readonly enabled?: boolean
  /** Within one list, higher ones are asked first; default 0. Equal ones stay in the order they are in. */
  readonly priority?: number
}

/** Its own rules come first, then its groups, each wholly, then its fallback; without one, what follows it. */
export interface RuleGroup {
  /** As of a rule. */
  readonly name: string
  readonly rules?: readonly Rule[]
  readonly groups?: readonly RuleGroup[]
  /** Takes every conflict that comes this far. Default: none. */
  readonly fallback?: ResolverChoice
  /** Default true. Without it, nothing in the group is asked. */
  readonly enabled?: boolean
}

/**
 * A name: `additive`, `last-write-wins`, `first-write-wins`, `merge-fields`, `manual-review`, or one from
 * `resolvers`. Or a resolver itself.
 */
export type ResolverChoice = string | Resolver

/** Must be pure; see `Resolver`. */
export type CustomResolver =
  | Resolver
  | ((conflict: Conflict, options: Readonly<Record<string, unknown>>) => Resolution)

import type { Conflict, Resolution } from '../../contracts/index.ts'
import type { ConflictKey } from '../conflict-key.ts'
import type { RulesDescription } from './description.ts'
import type { Choice } from './hooks.ts'
import type { RuleStatistics } from './statistics.ts'
import type { RuleWarning } from './warnings.ts'

/** Rules that are checked and ready; made by `defineRules`. */
export interface RuleSet {
  /**
   * Equal for rule sets that decide alike: SHA-256 of their conditions, resolvers and names in the order they
   * are asked, as unpadded base64url. Nodes with different hashes may resolve a conflict differently.
   */
  readonly hash: string
  /** Rules that can never decide anything, and why. */
  readonly warnings: readonly RuleWarning[]
  readonly conflictKey: ConflictKey
  /** Resolves a conflict. Never throws: what fails on the way leaves the conflict to review. */
  decide(conflict: Conflict): Decision
  /** What was decided here since the rules were defined; a history folded again counts again. */
  statistics(): RuleStatistics
  /**
   * The rules as plain data, as a file of rules has them: defined again with the same functions registered,
   * they have the same hash. Throws `invalid_argument` when a resolver or the conflict key is given as such,
   * not by name.
   */
  describe(): RulesDescription
}

export interface Decision extends Choice {
  readonly resolution: Resolution
}

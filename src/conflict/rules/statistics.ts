import type { RuleGroup } from './rules-init.ts'

/** What was decided, and what there is to decide by. */
export interface RuleStatistics {
  readonly conflicts: number
  /** Resolved by the rule set's fallback. */
  readonly fallbacks: number
  /** Left to review, failures included. */
  readonly reviews: number
  /** A condition, resolver or conflict key of the application's own failed. */
  readonly errors: number
  /** By the name of the rule, or `group.fallback`: how many conflicts it decided. */
  readonly decided: Readonly<Record<string, number>>
  readonly groups: readonly GroupStatistics[]
}

export interface GroupStatistics {
  readonly name: string
  readonly enabled: boolean
  readonly ruleCount: number
  readonly groupCount: number
  /** Those of its groups included. */
  readonly totalRules: number
  readonly groups: readonly GroupStatistics[]
}

/** Counts while rules decide. */
export class Tally {
  conflicts = 0
  fallbacks = 0
  reviews = 0
  errors = 0
  readonly #decided: Map<string, number>
  readonly #groups: readonly GroupStatistics[]

  constructor(names: readonly string[], groups: readonly RuleGroup[]) {
    this.#decided = new Map(names.map((name) => [name, 0]))
    this.#groups = groups.map(groupStatistics)
  }

  decidedBy(name: string): void {
    this.#decided.set(name, (this.#decided.get(name) ?? 0) + 1)
  }

  snapshot(): RuleStatistics {
    const { conflicts, fallbacks, reviews, errors } = this
    const decided = Object.fromEntries(this.#decided)
    return { conflicts, fallbacks, reviews, errors, decided, groups: this.#groups }
  }
}

function groupStatistics({
  name,
  enabled = true,
  rules = [],
  groups = [],
}: RuleGroup): GroupStatistics {
  const inner = groups.map(groupStatistics)
  const totalRules = inner.reduce((sum, group) => sum + group.totalRules, rules.length)
  return {
    name,
    enabled,
    ruleCount: rules.length,
    groupCount: groups.length,
    totalRules,
    groups: inner,
  }
}

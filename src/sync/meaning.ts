import {
  defaultRules,
  type EffectiveHistory,
  effectiveHistory,
  historyOf,
  type RuleSet,
} from '../conflict/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Meaning as FoldedMeaning } from '../projection/index.ts'
import type { Evolution } from './evolution.ts'
import { meaningVersion, upcasterSteps } from './meaning-version.ts'

/**
 * What a node's events mean: the one place that its history, journal, restores, read models and syncs ask. A pure
 * function of events, rules and upcasters; the rules may be replaced while the node runs.
 */
export class Meaning {
  readonly evolution: Evolution
  readonly #steps: string
  #given: RuleSet | undefined

  /** Without `rules`, every event counts. */
  constructor(of: {
    readonly rules: RuleSet | undefined
    readonly upcasters: object | undefined
    readonly evolution: Evolution
  }) {
    this.evolution = of.evolution
    this.#steps = upcasterSteps(of.upcasters)
    this.#given = of.rules
  }

  get rules(): RuleSet {
    return this.#given ?? defaultRules
  }

  /** What tells the rules from others; `undefined` when the application gave none. */
  get saidHash(): string | undefined {
    return this.#given?.hash
  }

  /** Other rules, or another schema version of any type, and all is to be folded anew. */
  get version(): string {
    return meaningVersion(this.#given?.hash, this.#steps)
  }

  /** An event as applications and rules see it. */
  read(event: LogEvent): LogEvent {
    return this.evolution.read(event)
  }

  /** What these events, as they are stored, mean now. */
  historyOf(stored: readonly LogEvent[]): EffectiveHistory {
    return this.resolved()(stored)
  }

  /** As `historyOf`, and still by the rules of now when they have been replaced. */
  resolved(): (stored: readonly LogEvent[]) => EffectiveHistory {
    const { rules } = this
    return (stored) =>
      effectiveHistory(
        stored.map((event) => this.read(event)),
        rules,
      )
  }

  /** For read models: where no rules were given nothing is resolved, and nothing needs to be remembered for it. */
  folded(): FoldedMeaning {
    const rules = this.#given
    return { history: rules && historyOf(rules), rules: this.version }
  }

  /** Whether these are other rules: with another hash. */
  replace(rules: RuleSet): boolean {
    if (rules.hash === this.rules.hash) return false
    this.#given = rules
    return true
  }
}

import type { Conflict, Resolution } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { ConflictKey } from '../conflict-key.ts'
import { snapshotIn } from '../snapshots.ts'
import { checkResolution } from './check-resolution.ts'
import type { RulesDescription } from './description.ts'
import { type Choice, type RuleHooks, tell } from './hooks.ts'
import { Asked, holds } from './matching.ts'
import type { Chosen, Step } from './plan.ts'
import type { Decision, RuleSet } from './rule-set.ts'
import type { BesideSnapshot } from './rules-init.ts'
import type { RuleStatistics, Tally } from './statistics.ts'
import type { RuleWarning } from './warnings.ts'

/** Rules at work; see `defineRules`. */
export class Rules implements RuleSet {
  readonly hash: string
  readonly warnings: readonly RuleWarning[]
  /** Never throws: an event whose key can't be told is in no scope. */
  readonly conflictKey: ConflictKey
  readonly #steps: readonly Step[]
  readonly #fallback: Chosen
  readonly #besideSnapshot: BesideSnapshot
  readonly #hooks: RuleHooks
  readonly #tally: Tally
  readonly #describe: () => RulesDescription

  constructor({ steps, fallback, hooks, conflictKey, tally, ...told }: RulesParts) {
    this.hash = told.hash
    this.warnings = told.warnings
    this.#describe = told.describe
    this.#steps = steps
    this.#fallback = fallback
    this.#besideSnapshot = told.besideSnapshot
    this.#hooks = hooks
    this.#tally = tally
    this.conflictKey = (event) => this.#keyOf(event, conflictKey)
  }

  decide(conflict: Conflict): Decision {
    this.#tally.conflicts++
    tell(this.#hooks.onConflict, conflict)
    const isBeside = snapshotIn(conflict) !== undefined
    const decision = isBeside ? this.#decideBeside(conflict) : this.#decide(conflict)
    if (decision.resolution.kind === 'review') this.#tally.reviews++
    tell(this.#hooks.onResolved, { conflict, ...decision })
    return decision
  }

  statistics(): RuleStatistics {
    return this.#tally.snapshot()
  }

  describe(): RulesDescription {
    return this.#describe()
  }

  /** Nobody can tell what a snapshot would be with what was not known to it, so nothing is left out. */
  #decideBeside({ branches }: Conflict): Decision {
    const resolution: Resolution =
      this.#besideSnapshot === 'keep'
        ? { kind: 'keep', winners: [...branches.keys()] }
        : { kind: 'review', reason: 'written beside a snapshot, without knowledge of it' }
    return { rule: undefined, resolver: 'beside-snapshot', resolution }
  }

  #decide(conflict: Conflict): Decision {
    const asked = new Asked(conflict)
    for (const step of this.#steps) {
      const { name, chosen, when } = step
      const choice = { rule: name, resolver: chosen.resolver.name }
      let fits: boolean
      try {
        fits = holds(when, asked)
      } catch (cause) {
        return this.#failed(conflict, choice, cause, `the condition of the rule "${name}" failed`)
      }
      if (!fits) continue
      this.#tally.decidedBy(name)
      const { onFallback, onRuleMatched } = this.#hooks
      tell(step.isFallback ? onFallback : onRuleMatched, { conflict, ...choice })
      return this.#resolve(conflict, choice, chosen)
    }
    const choice = { rule: undefined, resolver: this.#fallback.resolver.name }
    this.#tally.fallbacks++
    tell(this.#hooks.onFallback, { conflict, ...choice })
    return this.#resolve(conflict, choice, this.#fallback)
  }

  #resolve(conflict: Conflict, choice: Choice, { resolver }: Chosen): Decision {
    let resolution: Resolution
    try {
      resolution = checkResolution(resolver.resolve(conflict), conflict)
    } catch (cause) {
      return this.#failed(conflict, choice, cause, `the resolver "${resolver.name}" failed`)
    }
    return { ...choice, resolution }
  }

  /** The reason names who failed, not how: the words of an error may differ between replicas. */
  #failed(conflict: Conflict, choice: Choice, cause: unknown, reason: string): Decision {
    this.#report(reason, cause, { aggregateId: conflict.aggregateId, key: conflict.key }, conflict)
    return { ...choice, resolution: { kind: 'review', reason } }
  }

  #keyOf(event: LogEvent, conflictKey: ConflictKey): string | undefined {
    try {
      const key = conflictKey(event)
      if (key === undefined || typeof key === 'string') return key
      throw new TypeError(`a conflict key must be a string or undefined, not ${typeof key}`)
    } catch (cause) {
      this.#report('the conflict key failed', cause, {
        aggregateId: event.aggregateId,
        id: event.id,
      })
      return undefined
    }
  }

  #report(
    problem: string,
    cause: unknown,
    details: Readonly<Record<string, string>>,
    conflict?: Conflict,
  ): void {
    this.#tally.errors++
    const why = cause instanceof Error ? cause.message : String(cause)
    const init = { operation: 'resolve', component: 'conflict', cause, details }
    const error = new RejoinError('internal', `${problem}: ${why}`, init)
    tell(this.#hooks.onError, conflict === undefined ? { error } : { error, conflict })
  }
}

interface RulesParts {
  /** Those that are asked. */
  readonly steps: readonly Step[]
  readonly fallback: Chosen
  readonly besideSnapshot: BesideSnapshot
  readonly hooks: RuleHooks
  readonly conflictKey: ConflictKey
  readonly hash: string
  readonly warnings: readonly RuleWarning[]
  readonly tally: Tally
  readonly describe: () => RulesDescription
}

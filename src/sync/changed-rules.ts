import type { RuleSet } from '../conflict/index.ts'
import { type Logger, tellListener } from '../ports/index.ts'
import type { Projections } from '../projection/index.ts'
import type { Meaning } from './meaning.ts'

/** Rules took the place of others. */
export interface RulesChange {
  /** The hash of the rules until now. */
  readonly before: string
  /** The hash of those from now on. */
  readonly after: string
  /** The read models whose keys are all folded anew; each is read as it was until that is done. */
  readonly readModels: readonly string[]
}

export interface RulesInUseOptions {
  readonly meaning: Meaning
  readonly projections: Projections
  readonly logger: Logger
}

/** Puts other rules in place of those that hold, wherever a node uses them, and says so. */
export class RulesInUse {
  readonly #options: RulesInUseOptions
  readonly #listeners = new Set<(change: RulesChange) => void>()

  constructor(options: RulesInUseOptions) {
    this.#options = options
  }

  /** See `SyncNode.useRules`. */
  use(rules: RuleSet): RulesChange | undefined {
    const { meaning, projections, logger } = this.#options
    const before = meaning.rules.hash
    if (!meaning.replace(rules)) return undefined
    projections.useMeaning(meaning.folded())
    const change: RulesChange = { before, after: rules.hash, readModels: projections.names }
    logger.info('other rules hold now; read models are folded anew', { ...change })
    for (const listener of this.#listeners)
      tellListener(listener, change, (error) =>
        logger.error('a listener to rules threw', { error }),
      )
    return change
  }

  subscribe(listener: (change: RulesChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}

import type { ErrorCode } from '../errors/index.ts'
import { type Logger, tellListener } from '../ports/index.ts'
import type { LinkEvent, LinkPhase } from './phases.ts'

/** One change of phase. */
export interface Transition {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly from: LinkPhase
  readonly to: LinkPhase
  readonly event: LinkEvent
  /** What failed, when something did. */
  readonly code?: ErrorCode
}

/** The last changes of phase, and who is told of each. */
export class Transitions {
  readonly #logger: Logger
  readonly #kept: Transition[] = []
  readonly #listeners = new Set<(transition: Transition) => void>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Oldest first, at most 50. */
  get last(): readonly Transition[] {
    return [...this.#kept]
  }

  add(transition: Transition): void {
    this.#kept.push(transition)
    if (this.#kept.length > mostKept) this.#kept.shift()
    for (const listener of this.#listeners)
      tellListener(listener, transition, (error) =>
        this.#logger.error('a listener to a link threw', { error }),
      )
  }

  observe(listener: (transition: Transition) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

const mostKept = 50

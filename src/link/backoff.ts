import type { Runtime } from '../runtime/index.ts'

/** How long to wait after failures; milliseconds. */
export interface BackoffPolicy {
  /** No wait is shorter. */
  readonly least: number
  /** The longest wait after the first failure. */
  readonly first: number
  /** No random wait is longer. */
  readonly longest: number
}

/**
 * Waits that grow: after each further failure the longest possible one doubles, and a random part of it is
 * waited (full jitter), so that many who failed together don't come back together. What the remote has
 * asked for is waited as well, up to an hour, and the random part comes on top of it for the same reason.
 */
export class Backoff {
  readonly #policy: BackoffPolicy
  readonly #runtime: Pick<Runtime, 'random'>
  #failures = 0

  constructor(policy: BackoffPolicy, runtime: Pick<Runtime, 'random'>) {
    this.#policy = policy
    this.#runtime = runtime
  }

  /** In a row. */
  get failures(): number {
    return this.#failures
  }

  /** It worked: the next wait is a short one. */
  reset(): void {
    this.#failures = 0
  }

  /** One more failure; answers with the wait. */
  failed(asked = 0): number {
    const { least, first, longest } = this.#policy
    const ceiling = Math.max(least, Math.min(first * 2 ** this.#failures, longest))
    this.#failures++
    const part = this.#runtime.random() * (ceiling - least)
    const patience = asked > 0 ? Math.min(asked, mostPatience) + part : 0
    return Math.round(Math.max(least + part, patience))
  }
}

/** Nobody is switched off for long by a remote's slip. */
export const mostPatience = 60 * 60_000

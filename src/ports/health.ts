import type { RejoinError } from '../errors/index.ts'

/** Where a node says what can be asked about its health. */
export interface Health {
  /**
   * Takes a check in under a name, such as `storage` or `transport`, and answers with a way to take it out
   * again, which may be called more than once. What it throws is logged and changes nothing.
   */
  register(name: string, check: HealthCheck): () => void
}

/**
 * Looks now. It never rejects: trouble, an abort and a look that takes too long are answered as
 * `unhealthy`. It ends within its time limit, also when what it looks at does not.
 */
export type HealthCheck = (options?: { readonly signal?: AbortSignal }) => Promise<HealthReport>

/** What a check found. */
export interface HealthReport {
  readonly status: 'healthy' | 'unhealthy'
  /** One line for people. */
  readonly message: string
  readonly details: Readonly<Record<string, string | number | boolean>>
  /** Why it is unhealthy. */
  readonly error?: RejoinError
}

/** The default: nobody asks. */
export const noHealth: Health = { register: () => () => {} }

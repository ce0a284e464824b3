import { RejoinError } from '../errors/index.ts'
import { Backoff } from '../link/backoff.ts'
import type { Runtime } from '../runtime/index.ts'

/** Waits between attempts: random and growing, after success short again, and over at once when nudged. */
export class Pause {
  readonly #runtime: Runtime
  readonly #backoff: Backoff
  #cut: AbortController | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.#backoff = new Backoff({ least: 100, first: 1_000, longest: 30_000 }, runtime)
  }

  succeeded(): void {
    this.#backoff.reset()
  }

  nudge(): void {
    this.#cut?.abort()
  }

  /** Rejects only with the signal's reason. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const wait = this.#backoff.failed(patienceIn(error))
    const cut = new AbortController()
    const follow = () => cut.abort()
    signal.addEventListener('abort', follow, { once: true })
    this.#cut = cut
    try {
      // Not a timer: who reads a subscription waits for what comes next.
      await this.#runtime.sleep(wait, cut.signal)
    } catch {
      signal.throwIfAborted()
    } finally {
      signal.removeEventListener('abort', follow)
      this.#cut = undefined
    }
  }
}

/** What the server has asked for; milliseconds. */
function patienceIn(error: unknown): number {
  const asked = error instanceof RejoinError ? error.details.retryAfter : undefined
  return typeof asked === 'number' ? asked : 0
}

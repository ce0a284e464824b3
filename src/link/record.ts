import type { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import {
  type Blocked,
  causeOf,
  causeOfParked,
  doing,
  type Explanation,
  failureIn,
  Trouble,
} from './explain.ts'
import type { Round } from './link-setup.ts'
import type { Moved } from './result.ts'

/** What a link has done since it was made. */
export interface LinkStatistics {
  /** Syncs that came to an end, well or not; calls of `syncNow` among them. */
  readonly rounds: number
  /** Of them, and of streams, those that failed. */
  readonly failures: number
  /** Streams whose first page came. */
  readonly streams: number
  /** Pages that came by themselves after that. */
  readonly pages: number
  /** Events with content: stored or filled in there, and here. */
  readonly pushed: number
  readonly pulled: number
  /** Milliseconds since 1970: when all was well last, and when something failed last. */
  readonly lastSuccess?: number
  readonly lastFailure?: number
}

/** What a link has seen of its own work: figures, and what stands in the way. */
export class LinkRecord {
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #trouble = new Trouble()
  readonly #counts = { rounds: 0, failures: 0, streams: 0, pages: 0, pushed: 0, pulled: 0 }
  #refusedSince: number | undefined
  /** The last time anybody tried. */
  #wasThere = true
  #lastSuccess: number | undefined
  #lastFailure: number | undefined

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime
  }

  get statistics(): LinkStatistics {
    const lastSuccess = this.#lastSuccess
    const lastFailure = this.#lastFailure
    return {
      ...this.#counts,
      ...(lastSuccess !== undefined && { lastSuccess }),
      ...(lastFailure !== undefined && { lastFailure }),
    }
  }

  /** The remote answered when it was last asked, or was never asked. */
  get wasThere(): boolean {
    return this.#wasThere
  }

  /** A sync has ended; `true` when nothing failed, whatever was refused. */
  round({ pushed, pulled, errors }: Round): boolean {
    this.#counts.rounds++
    this.#counts.pushed += pushed
    this.#counts.pulled += pulled
    if (errors.length === 0) this.#refusedSince = undefined
    else if (errors.some(({ code }) => code === 'rejected')) this.#noteRefused()
    const isWell = failureIn(errors) === undefined
    if (isWell) this.#well()
    else this.#wasThere = false
    return isWell
  }

  joined(): void {
    this.#counts.streams++
    this.#well()
  }

  page(): void {
    this.#counts.pages++
  }

  moved({ pushed, pulled, refused }: Moved): void {
    this.#counts.pushed += pushed
    this.#counts.pulled += pulled
    if (refused > 0) this.#noteRefused()
  }

  failed(error: RejoinError): void {
    this.#counts.failures++
    this.#wasThere = false
    this.#lastFailure = this.#runtime.now()
    this.#trouble.met(error, this.#lastFailure)
  }

  /** Why the outbox does not drain, as far as it doesn't. `next`: when the next attempt is. */
  blocked(
    { phase, since, unsent, parked }: Omit<Explanation, 'blocked' | 'remote' | 'doing'>,
    next: number,
  ): Blocked | undefined {
    const message = `the link ${doing[phase]}`
    if (phase === 'stopped' || phase === 'paused' || phase === 'closed')
      return { cause: phase, message, since }
    const nextAttempt = next
    const { error } = this.#trouble
    if (error !== undefined) {
      const told = { message: error.message, since: this.#trouble.since }
      return { cause: causeOf(error), ...told, nextAttempt, error }
    }
    if (parked.length > 0) {
      const shown = parked.slice(0, 3).map((one) => `${one.id}: ${one.message}`)
      const words = `the remote refuses ${parked.length}: ${shown.join('; ')}`
      const told = { message: words, since: this.#refusedSince ?? since }
      return { cause: causeOfParked(parked), ...told, nextAttempt }
    }
    const waits = unsent !== undefined && (unsent.count > 0 || unsent.more)
    return phase === 'polling' && waits
      ? { cause: 'interval', message, since, nextAttempt }
      : undefined
  }

  #well(): void {
    this.#trouble.over()
    this.#wasThere = true
    this.#lastSuccess = this.#runtime.now()
  }

  #noteRefused(): void {
    this.#refusedSince ??= this.#runtime.now()
  }
}

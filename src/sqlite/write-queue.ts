import type { Runtime } from '../runtime/index.ts'
import type { Connection } from './connection.ts'
import { isBusy } from './failure.ts'
import type { GroupOutcome, WriteRequest } from './group.ts'

export interface WriteQueueOptions {
  readonly runtime: Runtime
  /** One transaction over a prefix of the waiting requests. */
  readonly runGroup: (waiting: readonly WriteRequest[], isLate: () => boolean) => GroupOutcome
  /** Turns what SQLite threw into what the caller is told. */
  readonly describe: (error: unknown) => unknown
  /** Called after a failed group; true when the same group is worth another try at once. */
  readonly mended: (error: unknown) => boolean
  /** Called after each commit, once its callers have been told. */
  readonly committed: () => void
}

/**
 * The file's one line of writers. Whatever is waiting when the event loop comes round shares one
 * transaction and one flush. When a group fails, each of its requests gets a transaction of its own, so
 * that an error reaches only the one that caused it.
 *
 *     waiting --soon--> group --commit--> told
 *        ^                |
 *        |                +-- busy: sleep, try again, up to 30 s
 *        +----------------+-- failed: rolled back, each alone
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  #waiting: WriteRequest[] = []
  #isAwake = false
  #busyWait = 1
  #idle: (() => void)[] = []

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  /** Rejects with what `work` throws, the signal's reason (if it had not begun), or a storage error. */
  add<T>(work: (tx: Connection) => T, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise<T>((resolve, reject) => {
      const stopListening = () => signal?.removeEventListener('abort', withdraw)
      const request: WriteRequest = {
        since: this.#options.runtime.monotonic(),
        work: (tx) => {
          // From here on it is carried through: its result must not be lost.
          stopListening()
          return work(tx)
        },
        resolve: resolve as (value: unknown) => void,
        reject: (error) => {
          // It may never have had its turn.
          stopListening()
          reject(error)
        },
        isWithdrawn: false,
        isAlone: false,
      }
      const withdraw = () => {
        request.isWithdrawn = true
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', withdraw, { once: true })
      this.#waiting.push(request)
      this.#wake()
    })
  }

  /** Resolves when nothing is waiting or running. */
  drained(): Promise<void> {
    if (!this.#isAwake) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    this.#options.runtime.soon(() => this.#turn())
  }

  #turn(): void {
    const wait = this.#flush()
    if (wait > 0) void this.#options.runtime.sleep(wait).then(() => this.#turn())
    else if (this.#waiting.length > 0) this.#options.runtime.soon(() => this.#turn())
    else this.#rest()
  }

  #rest(): void {
    this.#isAwake = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** One group. Returns the milliseconds to wait before the next; 0 for none. */
  #flush(): number {
    this.#waiting = this.#waiting.filter((request) => !request.isWithdrawn)
    if (this.#waiting.length === 0) return 0
    const { runtime, runGroup, committed } = this.#options
    const end = runtime.monotonic() + groupMilliseconds
    const outcome = runGroup(this.#waiting, () => runtime.monotonic() >= end)
    if (outcome.kind === 'failed') return this.#failed(outcome)
    this.#waiting.splice(0, outcome.taken)
    this.#busyWait = 1
    outcome.settle()
    committed()
    return 0
  }

  #failed({ ran, taken, error }: GroupOutcome & { kind: 'failed' }): number {
    if (isBusy(error)) return this.#busy(error)
    if (this.#options.mended(error)) return 0
    // Before any request had its turn the fault lies with the file: it meets all of them.
    if (ran.length === 0) this.#rejectAll(error)
    else if (ran.length === 1) this.#rejectFirst(taken, ran, error)
    else for (const request of ran) request.isAlone = true
    return 0
  }

  #busy(error: unknown): number {
    const { runtime } = this.#options
    const longest = runtime.monotonic() - busyMilliseconds
    const late = this.#waiting.filter((request) => request.since <= longest)
    this.#waiting = this.#waiting.filter((request) => request.since > longest)
    this.#reject(late, error)
    const wait = this.#busyWait
    this.#busyWait = Math.min(wait * 2, 25)
    // Jitter, or processes that collided once collide again.
    return wait * (0.5 + runtime.random() / 2)
  }

  #rejectAll(error: unknown): void {
    this.#reject(this.#waiting.splice(0), error)
  }

  #rejectFirst(taken: number, ran: readonly WriteRequest[], error: unknown): void {
    this.#waiting.splice(0, taken)
    this.#reject(ran, error)
  }

  #reject(requests: readonly WriteRequest[], error: unknown): void {
    for (const request of requests)
      if (!request.isWithdrawn) request.reject(this.#options.describe(error))
  }
}

const groupMilliseconds = 20
const busyMilliseconds = 30_000

import { matchesPattern, type StateObject } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime, Timer } from '../../runtime/index.ts'
import type { Notice, State } from '../state.ts'
import type { StateLimit } from './filter.ts'

export interface RetentionOptions {
  readonly state: State
  readonly pattern: string
  readonly limit: StateLimit
  readonly runtime: Runtime
  readonly logger: Logger
}

/**
 * Keeps one list within its limit, whoever writes. What goes is deleted, not hidden, so that GET, subscribers
 * and replicas agree about it.
 */
export class Retention {
  readonly #options: RetentionOptions
  readonly #stop: () => void
  #running: Promise<void> | undefined
  #isWanted = false
  #isClosed = false
  #timer: Timer | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#stop = options.state.observe(options.pattern, ({ changes }: Notice) => {
      if (changes.every(({ object }) => object === undefined)) return
      // A newer object dies after those that the timer is set for.
      if (options.limit.count !== undefined || this.#timer === undefined) this.#want()
    })
    this.#want()
  }

  covers(path: string): boolean {
    return matchesPattern(this.#options.pattern, path)
  }

  /** Resolves when what is there is within the limit. Never rejects: a failure is logged. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    this.#timer?.cancel()
    await this.settled()
  }

  #want(): void {
    if (this.#isClosed) return
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Not within the commit that is being told.
    await Promise.resolve()
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        await this.#enforce()
      }
    } catch (error) {
      const { pattern, logger } = this.#options
      if (!this.#isClosed) logger.warn('a limit could not be kept', { pattern, error })
      if (!(error instanceof RejoinError && error.code === 'closed')) this.#arm(retry)
    }
    this.#running = undefined
  }

  async #enforce(): Promise<void> {
    const { state, pattern, limit, runtime } = this.#options
    const { age } = limit
    this.#timer?.cancel()
    this.#timer = undefined
    const objects = await state.list(pattern, { order: 'oldest' })
    const most = current('count', limit.count) ?? objects.length
    const life = current('age', age)
    const now = BigInt(Math.floor(runtime.now())) * perMillisecond
    const born = life === undefined ? 0n : now - BigInt(Math.floor(life)) * perMillisecond
    const surplus = Math.max(0, objects.length - Math.max(0, Math.floor(most)))
    const isDue = (object: StateObject, at: number) =>
      at < surplus || (life !== undefined && object.created <= born)
    const due = objects.filter(isDue)
    for (let at = 0; at < due.length; at += mostAtOnce)
      await this.#delete(due.slice(at, at + mostAtOnce))
    const next = objects.find((object, at) => !isDue(object, at))
    this.#arm(next && life !== undefined ? next.created - born : undefined)
  }

  /** All in one commit; whatever has changed meanwhile is looked at once more. */
  async #delete(objects: readonly StateObject[]): Promise<void> {
    const writes = objects.map((object) => ({ delete: object.path, expected: object }))
    const outcome = await this.#options.state.write(writes)
    if (outcome.kind === 'refused' && outcome.result.kind !== 'kept') this.#isWanted = true
  }

  #arm(nanoseconds: bigint | undefined): void {
    if (this.#isClosed) return
    const { limit, runtime } = this.#options
    const asksAgain = typeof limit.count === 'function' || typeof limit.age === 'function'
    const waits: number[] = []
    if (nanoseconds !== undefined) waits.push(Number(nanoseconds / perMillisecond) + 1)
    if (asksAgain) waits.push(limit.cleanup ?? 600_000)
    if (waits.length === 0) return
    this.#timer = runtime.timer(Math.max(1, Math.min(...waits)), () => this.#want())
  }
}

/** Throws what a function throws, and when it says no number: then nothing is deleted. */
function current(name: string, value: number | (() => number) | undefined): number | undefined {
  if (typeof value !== 'function') return value
  const said: unknown = value()
  if (typeof said === 'number' && !Number.isNaN(said)) return said
  throw new RejoinError('invalid_argument', `the limit's ${name} says no number`, {
    operation: 'limit',
    component: 'state-server',
  })
}

/** Until the next attempt, when one has failed: nanoseconds. */
const retry = 5_000_000_000n
const perMillisecond = 1_000_000n
const mostAtOnce = 1_000

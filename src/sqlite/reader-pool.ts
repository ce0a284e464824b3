import { type ReaderEntry, type ReaderSeat, ReaderThread } from './reader-thread.ts'

export interface ReaderPoolOptions {
  /** At most so many threads. */
  readonly count: number
  readonly entry: ReaderEntry
  readonly seat: ReaderSeat
  /** Which file the main connection has open at the moment. */
  readonly identity: () => string
}

/**
 * Threads that read a file, started when there is something to read and all others are busy. Who can't
 * have one at once waits in line.
 */
export class ReaderPool {
  readonly #options: ReaderPoolOptions
  readonly #threads = new Set<ReaderThread>()
  #idle: ReaderThread[] = []
  #waiting: Reading[] = []
  #underWay = 0
  #rested: (() => void)[] = []

  constructor(options: ReaderPoolOptions) {
    this.#options = options
  }

  /**
   * What the threads' own function answers. Rejects with what it throws, with the signal's reason as soon
   * as it aborts, and with `storage_io`, which is worth another try, when its thread breaks.
   */
  read(request: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        this.#waiting = this.#waiting.filter((other) => other !== reading)
        // If it has begun, nobody hears its answer.
        reject(signal?.reason)
      }
      const settled = () => signal?.removeEventListener('abort', withdraw)
      const reading: Reading = { request, resolve, reject, settled }
      signal?.addEventListener('abort', withdraw, { once: true })
      this.#waiting.push(reading)
      this.#next()
    })
  }

  /** Ends the threads, once all that was asked before is answered. */
  async close(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#rested.push(resolve))
    this.#idle = []
    await Promise.all([...this.#threads].map((thread) => thread.end()))
  }

  #next(): void {
    const { count } = this.#options
    while (this.#waiting.length > 0 && (this.#idle.length > 0 || this.#threads.size < count))
      void this.#run(this.#waiting.shift() as Reading)
  }

  async #run(reading: Reading): Promise<void> {
    let thread: ReaderThread | undefined
    this.#underWay++
    try {
      thread = this.#idle.pop() ?? this.#start()
      const question = { request: reading.request, identity: this.#options.identity() }
      reading.resolve(await thread.ask(question))
    } catch (error) {
      reading.reject(error)
    }
    reading.settled()
    this.#underWay--
    if (thread !== undefined && this.#threads.has(thread)) this.#idle.push(thread)
    this.#next()
    if (this.#underWay === 0) for (const resolve of this.#rested.splice(0)) resolve()
  }

  #start(): ReaderThread {
    const { entry, seat } = this.#options
    const thread = new ReaderThread(entry, seat, (gone) => {
      this.#threads.delete(gone)
      this.#idle = this.#idle.filter((other) => other !== gone)
      this.#next()
    })
    this.#threads.add(thread)
    return thread
  }
}

interface Reading {
  readonly request: unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** It waits for its signal no longer. */
  readonly settled: () => void
}

import type { ChangePage, Transport } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type EventId, encodeFrame, type LogEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import type { Counts } from './counts.ts'
import type { Report } from './ledger.ts'
import type { Trace } from './trace.ts'

export interface ReaderOptions {
  readonly name: string
  /** Whose log it follows. */
  readonly of: string
  readonly transport: Transport<LogEvent>
  readonly runtime: Runtime
  /** How long it takes over a page: milliseconds, drawn anew for each. */
  readonly pause: () => number
  /** How long it waits before it connects again. */
  readonly patience: () => number
  readonly batch: number
  /** Nothing is filled or erased, so nothing ever moves, or comes ahead of its place as a parent. */
  readonly isStill: boolean
  readonly counts: Counts
  readonly trace: Trace
  readonly report: Report
}

/**
 * Somebody who follows a node's log live, at their own speed, through every broken connection, and holds
 * what comes against L3: each change once, in order, with nothing between two pages.
 */
export class Reader {
  readonly name: string
  readonly of: string
  readonly #options: ReaderOptions
  readonly #seen = new Map<EventId, string>()
  #cursor: Cursor = start

  constructor(options: ReaderOptions) {
    this.#options = options
    this.name = options.name
    this.of = options.of
  }

  /** What has come so far, by id: its frame as it came last. */
  get seen(): ReadonlyMap<EventId, string> {
    return this.#seen
  }

  /** Never ends. */
  async follow(): Promise<never> {
    const { runtime, patience } = this.#options
    for (;;) {
      await this.#connect()
      await runtime.sleep(patience())
    }
  }

  async #connect(): Promise<void> {
    const { transport, batch, runtime, pause } = this.#options
    const want = { count: batch, bytes: 100_000 }
    try {
      const { signal } = new AbortController()
      const pages = transport.subscribe?.(this.#cursor, want, signal)
      for await (const page of pages ?? []) {
        this.#take(page)
        await runtime.sleep(pause())
      }
    } catch (error) {
      // Whatever the other end met, a full disk for one, is told as it is.
      if (!(error instanceof RejoinError) || !(error.retryable || error.code === 'closed'))
        throw error
    }
  }

  #take(page: ChangePage<LogEvent>): void {
    const { name, counts, trace } = this.#options
    if (page.kind === 'reset') {
      counts.streamResets++
      trace.note(`${name} begins again`)
      this.#cursor = start
      this.#seen.clear()
      return
    }
    if (page.changes.length > 0) trace.note(`${name} reads ${page.changes.length}`)
    for (const event of page.changes) this.#check(event)
    this.#cursor = page.cursor
  }

  #check(event: LogEvent): void {
    const { name, report, isStill } = this.#options
    const frame = encodeFrame(event)
    if (isStill && this.#seen.has(event.id)) report('L3', `${name} reads ${event.id} twice`)
    const absent = event.parents.find((id) => !this.#seen.has(id))
    if (absent !== undefined) report('L3', `${name} reads ${event.id} and has not read ${absent}`)
    this.#seen.set(event.id, frame)
  }
}

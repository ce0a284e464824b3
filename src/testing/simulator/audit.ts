import type { EventStore } from '../../contracts/index.ts'
import type { EventId, LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import type { Ledger, Report } from './ledger.ts'

export interface AuditOptions {
  readonly node: string
  readonly store: EventStore
  readonly ledger: Ledger
  readonly report: Report
  /** Whether each event has a number of its own, as the simulator's own users give them. */
  readonly isNumbered: boolean
  /** How many events were ever meant to be. */
  readonly numbersGiven: () => number
}

/**
 * Reads on in one node's log after each step that changed it, and holds what is new against what is known:
 * order (L3), causality and heads (C1), one content to an id (L2), nothing twice and nothing from nowhere (S3).
 * Begins anew with each start of the process.
 */
export class Audit {
  readonly #options: AuditOptions
  readonly #seen = new Set<EventId>()
  readonly #heads = new Map<string, Set<EventId>>()
  readonly #named = new Set<EventId>()
  readonly #numbers = new Map<number, EventId>()
  #after = 0n as Position
  #isReading = false
  #changed = false

  constructor(options: AuditOptions) {
    this.#options = options
  }

  /** To be called after each commit; reads once for those that come together. */
  async commit(): Promise<void> {
    this.#changed = true
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (this.#changed) {
        this.#changed = false
        await this.#readOn()
      }
    } finally {
      this.#isReading = false
    }
  }

  async #readOn(): Promise<void> {
    for (const aggregateId of await this.#readEntries()) {
      const found = await this.#options.store.heads(aggregateId)
      if (same(found, this.#heads.get(aggregateId))) continue
      // Something may have come between the two reads.
      if ((await this.#readEntries()).size > 0) this.#changed = true
      else this.#report('C1', `heads of ${aggregateId} are ${found.join()}, not what nobody names`)
    }
  }

  /** Gives the aggregates that have news. */
  async #readEntries(): Promise<ReadonlySet<string>> {
    const { store } = this.#options
    const news: LogEvent[] = []
    for (let more = true; more; ) {
      const page = await store.entries({ after: this.#after })
      for (const { position, event } of page.entries) {
        if (position <= this.#after) this.#report('L3', `${position} follows ${this.#after}`)
        this.#after = position
        news.push(event)
      }
      more = page.more
    }
    // As a whole: a row that has moved on stands behind those that name it.
    for (const { id } of news) this.#seen.add(id)
    for (const event of news) this.#check(event)
    return new Set(news.map(({ aggregateId }) => aggregateId))
  }

  #check(event: LogEvent): void {
    const { ledger, node, isNumbered, numbersGiven } = this.#options
    ledger.meet(event, node)
    const heads = this.#heads.get(event.aggregateId) ?? new Set()
    this.#heads.set(event.aggregateId, heads)
    for (const id of event.parents) {
      if (!this.#seen.has(id)) this.#report('C1', `${event.id} has an unknown parent ${id}`)
      this.#named.add(id)
      heads.delete(id)
    }
    if (!this.#named.has(event.id)) heads.add(event.id)
    if (event.stub !== null || !isNumbered) return
    const { number } = event.data as { number?: number }
    if (number === undefined) return
    if (number > numbersGiven()) this.#report('S3', `nobody appended ${event.id}`)
    const twin = this.#numbers.get(number) ?? event.id
    if (twin !== event.id) this.#report('S3', `${event.id} is ${twin} once more`)
    this.#numbers.set(number, event.id)
  }

  #report(invariant: string, message: string): void {
    this.#options.report(invariant, `${this.#options.node}: ${message}`)
  }
}

function same(ids: readonly EventId[], others: ReadonlySet<EventId> | undefined): boolean {
  return ids.length === others?.size && ids.every((id) => others.has(id))
}

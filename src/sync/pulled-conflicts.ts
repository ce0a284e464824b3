import { effectiveHistory, type RuleSet } from '../conflict/index.ts'
import type { Batch, EventStore } from '../contracts/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import { aggregateEvents } from './aggregate-events.ts'

/** What one sync brought about. */
export interface ConflictCounts {
  readonly resolved: number
  readonly toReview: number
}

/**
 * Finds the conflicts that pulled events take part in. An event on top of the only head costs nothing, others
 * a look at their aggregate's heads after each batch; only what then has several is read at the end.
 */
export class PulledConflicts {
  readonly #store: EventStore
  /** The only heads of aggregates, as this sync has left them. */
  readonly #tips = new Map<string, EventId>()
  readonly #forked = new Map<string, Set<EventId>>()

  constructor(store: EventStore) {
    this.#store = store
  }

  /** The same store, what it takes in being watched. */
  watched(): EventStore {
    return new Proxy(this.#store, {
      get: (target, name) => {
        if (name === 'apply')
          return async (batch: Batch<LogEvent>, signal?: AbortSignal) => {
            const applied = await target.apply(batch, signal)
            if (applied.kind === 'applied' && batch.role === 'pulled') {
              const isNew = (_: LogEvent, at: number) =>
                applied.receipts[at]?.kind === 'stored' || applied.receipts[at]?.kind === 'filled'
              await this.#takeUp(batch.changes.filter(isNew))
            }
            return applied
          }
        const member: unknown = Reflect.get(target, name, target)
        // Its own `this`: private fields are not the proxy's.
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  /** Of those that nobody has written on top of yet. */
  async count(
    rules: RuleSet,
    read: (event: LogEvent) => LogEvent,
    signal: AbortSignal,
  ): Promise<ConflictCounts> {
    const counts = { resolved: 0, toReview: 0 }
    for (const [aggregateId, pulled] of this.#forked) {
      if ((await this.#store.heads(aggregateId, signal)).length < 2) continue
      const events = await aggregateEvents(this.#store, aggregateId, signal)
      for (const found of effectiveHistory(events.map(read), rules).conflicts) {
        if (found.settledBy !== undefined) continue
        if (!found.conflict.events.some(({ id }) => pulled.has(id))) continue
        counts[found.resolution.kind === 'review' ? 'toReview' : 'resolved']++
      }
    }
    return counts
  }

  async #takeUp(events: readonly LogEvent[]): Promise<void> {
    const doubtful = new Map<string, EventId[]>()
    for (const { aggregateId, id, parents, origin } of events) {
      // Without causality it conflicts with nothing.
      if (origin === null) continue
      const forked = this.#forked.get(aggregateId)
      const tip = this.#tips.get(aggregateId)
      if (forked !== undefined) forked.add(id)
      else if (tip !== undefined && parents.includes(tip)) this.#setTip(aggregateId, id)
      else {
        const ids = doubtful.get(aggregateId)
        if (ids === undefined) doubtful.set(aggregateId, [id])
        else ids.push(id)
      }
    }
    // Carried through, as the commit before it was: what is missed here is missed for good.
    const names = [...doubtful.keys()]
    const found = await Promise.all(names.map((name) => this.#store.heads(name)))
    for (const [at, aggregateId] of names.entries()) {
      const heads = found[at] as readonly EventId[]
      const ids = doubtful.get(aggregateId)
      if (heads.length > 1) this.#forked.set(aggregateId, new Set(ids))
      else if (heads[0] !== undefined) this.#setTip(aggregateId, heads[0])
    }
  }

  #setTip(aggregateId: string, tip: EventId): void {
    this.#tips.delete(aggregateId)
    this.#tips.set(aggregateId, tip)
    if (this.#tips.size <= mostTips) return
    const [oldest] = this.#tips.keys()
    this.#tips.delete(oldest as string)
  }
}

const mostTips = 10_000

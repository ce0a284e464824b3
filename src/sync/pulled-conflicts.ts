import type { Applied, Batch, EventStore } from '../contracts/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { Meaning } from './meaning.ts'

/** What one sync brought about. */
export interface ConflictCounts {
  readonly resolved: number
  readonly toReview: number
}

/** Finds the conflicts that pulled events take part in: the store says which aggregates to look at. */
export class PulledConflicts {
  readonly #store: EventStore
  /** What was pulled of aggregates that had several heads then. */
  #pulled = new Map<string, Set<EventId>>()

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
            if (batch.role === 'pulled') this.#takeUp(batch.changes, applied)
            return applied
          }
        const member: unknown = Reflect.get(target, name, target)
        // Its own `this`: private fields are not the proxy's.
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  /** What was found so far, on its own; the next begins with nothing. */
  take(): PulledConflicts {
    const taken = new PulledConflicts(this.#store)
    taken.#pulled = this.#pulled
    this.#pulled = new Map()
    return taken
  }

  /** Of those that nobody has written on top of yet. */
  async count(meaning: Meaning, signal: AbortSignal): Promise<ConflictCounts> {
    const counts = { resolved: 0, toReview: 0 }
    for (const [aggregateId, pulled] of this.#pulled) {
      if ((await this.#store.heads(aggregateId, signal)).length < 2) continue
      const events = await aggregateEvents(this.#store, aggregateId, signal)
      for (const found of meaning.historyOf(events).conflicts) {
        if (found.settledBy !== undefined) continue
        if (!found.conflict.events.some(({ id }) => pulled.has(id))) continue
        counts[found.resolution.kind === 'review' ? 'toReview' : 'resolved']++
      }
    }
    return counts
  }

  #takeUp(changes: readonly LogEvent[], applied: Applied): void {
    if (applied.kind === 'reset' || !applied.concurrent?.length) return
    const concurrent = new Set(applied.concurrent)
    for (const [at, { id, aggregateId, origin }] of changes.entries()) {
      const kind = applied.receipts[at]?.kind
      if (origin === null || !concurrent.has(aggregateId)) continue
      if (kind !== 'stored' && kind !== 'filled') continue
      const pulled = this.#pulled.get(aggregateId)
      if (pulled === undefined) this.#pulled.set(aggregateId, new Set([id]))
      else pulled.add(id)
    }
  }
}

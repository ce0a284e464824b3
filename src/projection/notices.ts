import { coveredBySnapshots } from '../conflict/index.ts'
import type { HistoryOf } from '../contracts/index.ts'
import { type LogEvent, snapshotType } from '../event/index.ts'
import type { Position } from '../version/index.ts'
import { wholeAggregate } from './aggregate-log.ts'
import { AggregateStates } from './aggregate-states.ts'
import type { Draft } from './draft.ts'
import type { LogReader } from './reading.ts'
import type { Delivery } from './subscription.ts'

/** Finds out which events count no more, or again, since the last page of the log. */
export class Notices {
  readonly #store: LogReader
  readonly #history: HistoryOf
  readonly #draft: Draft
  readonly #aggregates: AggregateStates

  constructor(store: LogReader, history: HistoryOf, draft: Draft) {
    this.#store = store
    this.#history = history
    this.#draft = draft
    this.#aggregates = new AggregateStates(draft, true, true)
  }

  async after(
    events: readonly LogEvent[],
    until: Position,
    signal: AbortSignal,
  ): Promise<readonly Delivery<LogEvent>[]> {
    const groups = Map.groupBy(events, (event) => event.aggregateId)
    await this.#aggregates.load([...groups.keys()], events, signal)
    const notices: Delivery<LogEvent>[] = []
    for (const [aggregateId, group] of groups) {
      if (this.#aggregates.takeIn(aggregateId, group)) continue
      const log = { store: this.#store, aggregateId, until, signal }
      const all = await wholeAggregate(log)
      this.#aggregates.settle(aggregateId, all)
      notices.push(...(await this.#changed(all, signal)))
    }
    return notices
  }

  async #changed(
    all: readonly LogEvent[],
    signal: AbortSignal,
  ): Promise<readonly Delivery<LogEvent>[]> {
    const counting = new Set(this.#history(all).map(({ event }) => event.id))
    const covered = coveredBySnapshots(all)
    // What is folded into a snapshot counts as it did before.
    const there = all.filter(
      ({ id, type, stub }) => stub === null && type !== snapshotType && !covered.has(id),
    )
    const told = await this.#draft.get(
      'ids',
      there.map(({ id }) => id),
      signal,
    )
    return there.flatMap((event, at): Delivery<LogEvent>[] => {
      const [counts, counted] = [counting.has(event.id), told[at] === undefined]
      if (counts === counted) return []
      this.#draft.put('ids', event.id, counts ? null : 'superseded')
      return [{ kind: counts ? 'reinstated' : 'superseded', event }]
    })
  }
}

import { effectiveOrder } from '../conflict/causality/effective-order.ts'
import { historyOf } from '../conflict/index.ts'
import type { EffectiveEvent } from '../contracts/index.ts'
import { type EventId, type LogEvent, snapshotType } from '../event/index.ts'

/** Every event counts as it is, but those that a snapshot stands for. */
export function inLogOrder(events: readonly LogEvent[]): readonly EffectiveEvent[] {
  if (events.some(({ type }) => type === snapshotType)) return withDefaultRules(events)
  const distinct = new Map<EventId, LogEvent>()
  for (const event of events) distinct.set(event.id, event)
  const order = distinct.size < 2 ? distinct.values() : effectiveOrder([...distinct.values()])
  return [...order].filter(({ stub }) => stub === null).map((event) => new PlainEvent(event))
}

const withDefaultRules = historyOf()

/** Data is parsed when somebody asks. */
class PlainEvent implements EffectiveEvent {
  readonly event: LogEvent

  constructor(event: LogEvent) {
    this.event = event
  }

  get type(): string {
    return this.event.type
  }

  get data(): unknown {
    return this.event.data
  }
}

import type { LogEvent } from '../event/index.ts'

/** An event as it counts: what folds, read models and `history()` see. */
export interface EffectiveEvent<Type extends string = string, Data = unknown> {
  /** The fact as it was written. */
  readonly event: LogEvent
  /** `event.type`, or what an upcaster made of it. */
  readonly type: Type
  /** `event.data`, or what a merge or an upcaster made of it. */
  readonly data: Data
}

/**
 * What a set of events means: the events that count, in effective order. Stubs, and events superseded by a
 * conflict's resolution, are not among them. Pure: the answer depends on the set and the rules alone, never
 * on the order, the grouping or the repetition of what is given. Give all known events of an aggregate,
 * stubs too, or of several.
 */
export type HistoryOf = (events: readonly LogEvent[]) => readonly EffectiveEvent[]

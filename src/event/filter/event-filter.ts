import type { LogEvent } from '../log-event.ts'

/**
 * Which part of a log a node syncs, in both directions: declared as data, so that the other end can hold to
 * it, or a predicate of its own.
 */
export type EventFilter<Event extends LogEvent = LogEvent> =
  | FilterFields<Event['type']>
  | FilterPredicate<Event>

/**
 * A filter as data; an event must pass every field that is given. `aggregates` and `tenant` decide on whole
 * aggregates: of the others nothing moves. `types` and `metadata` decide on content: what they keep back
 * moves as a stub, so that causality stays exact.
 */
export interface FilterFields<Type extends string = string> {
  /** Aggregate ids; one that ends in `*` means all that begin so, as in `order-*`. */
  readonly aggregates?: readonly string[]
  /**
   * The aggregate's tenant: `metadata.tenant` of its first event, in the log of whoever sends, that has
   * one. Give every event its tenant: a stub can't tell.
   */
  readonly tenant?: string
  /** Event types, exactly. */
  readonly types?: readonly Type[]
  /** Conditions on top-level keys of an event's metadata. */
  readonly metadata?: Readonly<Record<string, Scalar | Condition>>
}

/** A filter in code. It decides on content; this node holds to it, the other end sends all it has. */
export interface FilterPredicate<Event extends LogEvent = LogEvent> {
  /** Names what `matches` does. Another key is another filter: change it with the code. */
  readonly key: string
  /** Pure, synchronous, and asked only about events whose content is here. */
  matches(event: Event): boolean
}

/**
 * What a metadata value must be; all that is given must hold. Numbers are compared as numbers, exactly, text
 * by UTF-16 code units, never one with the other: there the comparison fails.
 */
export interface Condition {
  readonly equals?: Scalar
  /** The opposite of `equals`: a key that is absent passes. */
  readonly not?: Scalar
  /** Greater than. */
  readonly gt?: Ordered
  /** Greater than or equal. */
  readonly gte?: Ordered
  /** Less than. */
  readonly lt?: Ordered
  /** Less than or equal. */
  readonly lte?: Ordered
  /** Equal to one of these. */
  readonly in?: readonly Scalar[]
  /** Whether the key is there, whatever its value. */
  readonly exists?: boolean
}

export type Scalar = Ordered | boolean | null
export type Ordered = string | number | bigint

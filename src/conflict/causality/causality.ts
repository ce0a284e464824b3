import type { EventId, LogEvent } from '../../event/index.ts'
import { Chains } from './chains.ts'
import { distinct } from './distinct.ts'
import { effectiveOrder } from './effective-order.ts'
import { placesIn } from './place.ts'

/** Who knew of whom among some events of one aggregate. Ids that are not among them relate to nothing. */
export interface Causality {
  /** Each event once, in effective order: after its parents, ties by stamp, origin and id. */
  readonly order: readonly LogEvent[]
  /** The events that no other names as parent, in effective order. */
  readonly heads: readonly LogEvent[]
  /** Whether `one` is reachable from `other` through parents. An event is not before itself. */
  isBefore(one: EventId, other: EventId): boolean
  /**
   * Whether both were written without knowledge of the other: neither is reachable from the other. Events
   * without causality are concurrent with nothing, because nobody knows. Takes constant time.
   */
  concurrent(one: EventId, other: EventId): boolean
}

/**
 * The causality of a set of events, stubs included: they connect like any other. It takes them in any order,
 * repeated or not; parents that are not among them are passed over. Time and memory grow with the events and,
 * where several parents meet, with how many branches run side by side.
 */
export function causalityOf(events: readonly LogEvent[]): Causality {
  return new AggregateCausality(effectiveOrder(distinct(events)))
}

/** As `causalityOf`, for events that are distinct and in effective order; places are indexes in it. */
export class AggregateCausality implements Causality {
  readonly order: readonly LogEvent[]
  readonly chains: Chains
  readonly #places: ReadonlyMap<EventId, number>
  #heads: readonly LogEvent[] | undefined
  #merges: readonly number[] | undefined

  constructor(order: readonly LogEvent[]) {
    this.order = order
    this.#places = placesIn(order)
    this.chains = new Chains(order.length, (place) => this.#parentsOf(place))
  }

  get heads(): readonly LogEvent[] {
    if (this.#heads === undefined) {
      const named = new Set<EventId>()
      for (const { parents } of this.order) for (const parent of parents) named.add(parent)
      this.#heads = this.order.filter(({ id }) => !named.has(id))
    }
    return this.#heads
  }

  /** The events with several parents that come after it in effective order, first to last. */
  *mergesAfter(id: EventId): Generator<LogEvent, void> {
    this.#merges ??= this.order.flatMap(({ parents }, place) => (parents.length > 1 ? [place] : []))
    const merges = this.#merges
    const after = this.#places.get(id) as number
    let low = 0
    let high = merges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((merges[middle] as number) <= after) low = middle + 1
      else high = middle
    }
    for (; low < merges.length; low++) yield this.order[merges[low] as number] as LogEvent
  }

  isBefore(one: EventId, other: EventId): boolean {
    const place = this.#places.get(one)
    const otherPlace = this.#places.get(other)
    if (place === undefined || otherPlace === undefined) return false
    return this.chains.isBefore(place, otherPlace)
  }

  concurrent(one: EventId, other: EventId): boolean {
    const place = this.#places.get(one)
    const otherPlace = this.#places.get(other)
    if (place === undefined || otherPlace === undefined || place === otherPlace) return false
    if (this.#isAlone(place) || this.#isAlone(otherPlace)) return false
    const [first, last] = place < otherPlace ? [place, otherPlace] : [otherPlace, place]
    return !this.chains.isBefore(first, last)
  }

  #isAlone(place: number): boolean {
    return this.order[place]?.origin === null
  }

  /** Without those that come later, which only a circle of parents can bring about. */
  #parentsOf(place: number): readonly number[] {
    const known: number[] = []
    for (const parent of this.order[place]?.parents ?? []) {
      const at = this.#places.get(parent)
      if (at !== undefined && at < place) known.push(at)
    }
    return known
  }
}

import type { Chains } from './causality/chains.ts'

/**
 * The connected components of a scope's concurrency graph: runs of `scope`, first and last index, with more than
 * one event. `scope` is places in effective order, of events with causality.
 *
 * They are runs because what is comparable to a whole component is either before all of it or after all of it.
 * So it is enough to know, of each event, the first one before it in order that it doesn't descend from:
 * everything from there to the event is one component.
 */
export function components(scope: readonly number[], chains: Chains): readonly Run[] {
  const lanes = new Lanes(scope, chains)
  const found: Run[] = []
  for (let at = 0; at < scope.length; at++) {
    let first = at
    const unknown = lanes.firstUnknown(at)
    for (let last = found.at(-1); last !== undefined && last.last >= unknown; last = found.at(-1)) {
      first = last.first
      found.pop()
    }
    found.push({ first, last: at })
    lanes.push(at)
  }
  return found.filter(({ first, last }) => first < last)
}

export interface Run {
  readonly first: number
  readonly last: number
}

/** The events of a scope so far, by chain. */
class Lanes {
  readonly #scope: readonly number[]
  readonly #chains: Chains
  readonly #laneOf = new Map<number, number>()
  /** Of each lane: its chain, its events as indexes of the scope, and the rank of the last. */
  readonly #chainOf: number[] = []
  readonly #events: number[][] = []
  readonly #lastRank: number[] = []

  constructor(scope: readonly number[], chains: Chains) {
    this.#scope = scope
    this.#chains = chains
  }

  push(at: number): void {
    const chain = this.#chains.chain[this.#scope[at] as number] as number
    const lane = this.#laneOf.get(chain) ?? this.#add(chain)
    this.#events[lane]?.push(at)
    this.#lastRank[lane] = this.#rankOf(at)
  }

  /** Index of the first that the event at `at` doesn't descend from, or `at`. */
  firstUnknown(at: number): number {
    const event = this.#scope[at] as number
    let first = at
    for (let lane = 0; lane < this.#chainOf.length && first > 0; lane++) {
      const reach = this.#chains.reach(event, this.#chainOf[lane] as number)
      // Most chains are known to their end.
      if ((this.#lastRank[lane] as number) <= reach) continue
      first = Math.min(first, this.#firstBeyond(lane, reach))
    }
    return first
  }

  #add(chain: number): number {
    const lane = this.#chainOf.push(chain) - 1
    this.#laneOf.set(chain, lane)
    this.#events.push([])
    return lane
  }

  #firstBeyond(lane: number, reach: number): number {
    const events = this.#events[lane] as number[]
    let low = 0
    let high = events.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#rankOf(events[middle] as number) <= reach) low = middle + 1
      else high = middle
    }
    return events[low] as number
  }

  #rankOf(at: number): number {
    return this.#chains.rank[this.#scope[at] as number] as number
  }
}

import type { AggregateCausality } from './causality/causality.ts'

/**
 * The connected components of a scope's concurrency graph: runs of `scope`, first and last index, with more than
 * one event. `scope` is places in effective order, of events with causality.
 *
 * They are runs because what is comparable to a whole component is either before all of it or after all of it.
 * So it is enough to know, of each event, the first one before it in order that it doesn't descend from:
 * everything from there to the event is one component.
 */
export function components(
  scope: readonly number[],
  { chains }: Pick<AggregateCausality, 'chains'>,
): readonly Run[] {
  const lanes = new Map<number, number[]>()
  const found: Run[] = []
  scope.forEach((event, at) => {
    let run: Run = { first: at, last: at }
    const unknown = firstUnknown(event, at)
    for (let last = found.at(-1); last !== undefined && last.last >= unknown; last = found.at(-1)) {
      run = { first: Math.min(run.first, last.first), last: at }
      found.pop()
    }
    found.push(run)
    const chain = chains.chain[event] as number
    const lane = lanes.get(chain)
    if (lane === undefined) lanes.set(chain, [at])
    else lane.push(at)
  })
  return found.filter(({ first, last }) => first < last)

  /** Index of the first in scope before `at` that the event doesn't descend from, or `at`. */
  function firstUnknown(event: number, at: number): number {
    let first = at
    for (const [chain, lane] of lanes) {
      const reach = chains.reach(event, chain)
      // Most chains are known to their end.
      if (rankOf(lane.at(-1)) <= reach) continue
      const beyond = lane[firstBeyond(lane, reach)] as number
      if (beyond < first) first = beyond
    }
    return first
  }

  function firstBeyond(lane: readonly number[], reach: number): number {
    let low = 0
    let high = lane.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (rankOf(lane[middle]) <= reach) low = middle + 1
      else high = middle
    }
    return low
  }

  function rankOf(at: number | undefined): number {
    return chains.rank[scope[at as number] as number] as number
  }
}

export interface Run {
  readonly first: number
  readonly last: number
}

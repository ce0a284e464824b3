import type { Branch, Conflict, EffectiveEvent } from '../contracts/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import type { AggregateCausality } from './causality/causality.ts'
import { components } from './components.ts'
import type { ConflictKey } from './conflict-key.ts'
import type { ScopeHistory } from './scope-history.ts'

/** One scope of an aggregate; numbers are places in effective order. */
export interface Scope {
  readonly key: string
  /** All its events. */
  readonly places: readonly number[]
  /** Its conflicts, first to last; each follows wholly on the one before. */
  readonly conflicts: readonly (readonly number[])[]
}

/** The scopes that have a conflict, in the order of their first events. */
export function scopesInConflict(
  causality: AggregateCausality,
  conflictKey: ConflictKey,
): readonly Scope[] {
  const { order } = causality
  const found: Scope[] = []
  for (const [key, places] of byKey(order, conflictKey)) {
    const known = places.filter((place) => order[place]?.origin !== null)
    const runs = components(known, causality.chains)
    const conflicts = runs.map(({ first, last }) => known.slice(first, last + 1))
    if (conflicts.length > 0) found.push({ key, places, conflicts })
  }
  return found
}

/** The conflict of these events, on what counts in its scope so far. */
export function conflictOf(
  key: string,
  members: readonly number[],
  causality: AggregateCausality,
  history: ScopeHistory,
): Conflict {
  const { order } = causality
  const events = eventsAt(members, order)
  const heads = maximal(members, causality)
  const { length } = history
  const conflict: Conflict = Object.freeze({
    aggregateId: (events[0] as LogEvent).aggregateId,
    key,
    events,
    branches: Object.freeze(heads.map((head) => branchOf(head, members, causality))),
    // Not kept: of a history with many conflicts, the bases together would be far longer than itself.
    get base(): readonly EffectiveEvent[] {
      return history.first(length)
    },
  })
  history.isBaseOf(conflict)
  return conflict
}

/** The first event that descends from all branches: somebody has seen them all and went on. */
export function settledBy(
  { branches }: Conflict,
  causality: AggregateCausality,
): EventId | undefined {
  const knowsAll = ({ id }: LogEvent) =>
    branches.every(({ head }) => causality.isBefore(head.id, id))
  // If anybody does, a head does; and the first who does has several parents.
  if (!causality.heads.some(knowsAll)) return undefined
  const last = branches.at(-1)?.head as LogEvent
  for (const merge of causality.mergesAfter(last.id)) if (knowsAll(merge)) return merge.id
  return undefined
}

function byKey(order: readonly LogEvent[], conflictKey: ConflictKey): Map<string, number[]> {
  const found = new Map<string, number[]>()
  order.forEach((event, place) => {
    const key = event.stub === null ? conflictKey(event) : undefined
    if (key === undefined) return
    const places = found.get(key)
    if (places === undefined) found.set(key, [place])
    else places.push(place)
  })
  return found
}

/** Those that no other member descends from. Only the last of each chain can be one. */
function maximal(members: readonly number[], { chains }: AggregateCausality): readonly number[] {
  const { chain, rank } = chains
  const lasts = new Map<number, number>()
  for (const member of members) lasts.set(chain[member] as number, member)
  const candidates = [...lasts.values()].sort((one, other) => one - other)
  const known = chains.reachOfAny(candidates)
  return candidates.filter((one) => (known[chain[one] as number] ?? 0) < (rank[one] as number))
}

/** Its events are looked up when first asked for: of many branches, few resolvers read all. */
function branchOf(
  head: number,
  members: readonly number[],
  { chains, order }: AggregateCausality,
): Branch {
  let events: readonly LogEvent[] | undefined
  return Object.freeze({
    head: order[head] as LogEvent,
    get events() {
      events ??= eventsAt(
        members.filter((member) => member === head || chains.isBefore(member, head)),
        order,
      )
      return events
    },
  })
}

function eventsAt(places: readonly number[], order: readonly LogEvent[]): readonly LogEvent[] {
  return Object.freeze(places.map((place) => order[place] as LogEvent))
}

import type { Conflict, EffectiveEvent, HistoryOf, Resolution } from '../contracts/index.ts'
import { type EventId, type LogEvent, snapshotType } from '../event/index.ts'
import { AggregateCausality } from './causality/causality.ts'
import { distinct } from './causality/distinct.ts'
import { effectiveOrder } from './causality/effective-order.ts'
import { placesIn } from './causality/place.ts'
import { conflictOf, type Scope, scopesInConflict, settledBy } from './find-conflicts.ts'
import { defaultRules } from './rules/define-rules.ts'
import type { RuleSet } from './rules/rule-set.ts'
import { ScopeHistory } from './scope-history.ts'
import { beginning, cut, snapshotsOf } from './snapshots.ts'

/** What a set of events means under some rules. */
export interface EffectiveHistory {
  /** What counts, in effective order. */
  readonly events: readonly EffectiveEvent[]
  /** What was found and how it was resolved, by the place of their first events. */
  readonly conflicts: readonly ResolvedConflict[]
}

/** A conflict, what became of it, and why. */
export interface ResolvedConflict {
  readonly conflict: Conflict
  readonly resolution: Resolution
  /** The resolver that was asked. */
  readonly resolver: string
  /** The rule that chose it, with the names of its groups: `group.rule`; `undefined`: the fallback. */
  readonly rule: string | undefined
  /** The events that don't count because of it; they stay in the log. */
  readonly superseded: readonly EventId[]
  /** The first event that descends from every branch; `undefined` while the conflict is open. */
  readonly settledBy: EventId | undefined
}

/**
 * The meaning of a set of events, of one aggregate or several: a pure function of the set and the rules. In
 * whatever order, grouping and repetition the events are given, the answer is the same. Nothing is resolved
 * across aggregates.
 *
 * A snapshot stands for its ancestors: they are left out and in no conflict any more, whether their content is
 * here or not, and the aggregate's history begins with the snapshot. What was written beside it, without
 * knowledge of it, is kept and is a conflict with the snapshot as a whole.
 */
export function effectiveHistory(
  events: readonly LogEvent[],
  rules: RuleSet = defaultRules,
): EffectiveHistory {
  const order = effectiveOrder(distinct(events))
  const changes = new Map<EventId, EffectiveEvent | undefined>()
  const conflicts: ResolvedConflict[] = []
  const first = new Set<LogEvent>()
  for (const aggregate of aggregates(order)) {
    const hasSnapshots = aggregate.some(({ type }) => type === snapshotType)
    // Without a fork there is nothing to find, and most aggregates have none.
    if (!hasSnapshots && isLinear(aggregate)) continue
    const causality = new AggregateCausality(aggregate)
    const snapshots = hasSnapshots ? snapshotsOf(causality) : undefined
    if (snapshots !== undefined) {
      cut(snapshots, aggregate, changes)
      for (const snapshot of snapshots.first) first.add(snapshot)
      if (snapshots.conflict !== undefined)
        conflicts.push(resolved(snapshots.conflict, causality, rules, changes))
    }
    const keyOf = (event: LogEvent) =>
      event.type === snapshotType || snapshots?.covered.has(event.id)
        ? undefined
        : rules.conflictKey(event)
    for (const scope of scopesInConflict(causality, keyOf))
      conflicts.push(...resolveScope(scope, causality, rules, changes))
  }
  const counting = beginning(effective(order, changes), first)
  return { events: counting, conflicts: inOrder(conflicts, order) }
}

/** `effectiveHistory` without the conflicts, in the form that read models take. */
export function historyOf(rules: RuleSet = defaultRules): HistoryOf {
  return (events) => effectiveHistory(events, rules).events
}

/** Resolves a scope's conflicts, first to last: the outcome of one is the base of the next. */
function resolveScope(
  { key, places, conflicts }: Scope,
  causality: AggregateCausality,
  rules: RuleSet,
  changes: Map<EventId, EffectiveEvent | undefined>,
): readonly ResolvedConflict[] {
  const history = new ScopeHistory()
  const found: ResolvedConflict[] = []
  let next = 0
  for (const place of places) {
    const members = conflicts[next]
    if (place === members?.[0]) {
      const conflict = conflictOf(key, members, causality, history)
      found.push(resolved(conflict, causality, rules, changes))
      next++
    }
    const entry = entryOf(causality.order[place] as LogEvent, changes)
    if (entry !== undefined) history.push(entry)
  }
  return found
}

function resolved(
  conflict: Conflict,
  causality: AggregateCausality,
  rules: RuleSet,
  changes: Map<EventId, EffectiveEvent | undefined>,
): ResolvedConflict {
  const decision = rules.decide(conflict)
  const superseded = apply(conflict, decision.resolution, changes)
  return { conflict, ...decision, superseded, settledBy: settledBy(conflict, causality) }
}

/** Notes which events don't count and what stands for others; tells the former. */
function apply(
  { events, branches }: Conflict,
  resolution: Resolution,
  changes: Map<EventId, EffectiveEvent | undefined>,
): readonly EventId[] {
  if (resolution.kind === 'review') return []
  const kept = new Set<LogEvent>()
  if (resolution.kind === 'merge') {
    const last = events.at(-1) as LogEvent
    changes.set(last.id, { event: last, type: last.type, data: resolution.data })
    kept.add(last)
  } else if (resolution.winners.length === branches.length) return []
  else
    for (const at of resolution.winners)
      for (const event of branches[at]?.events ?? []) kept.add(event)
  const superseded = events.filter((event) => !kept.has(event)).map(({ id }) => id)
  for (const id of superseded) changes.set(id, undefined)
  return superseded
}

function effective(
  order: readonly LogEvent[],
  changes: ReadonlyMap<EventId, EffectiveEvent | undefined>,
): readonly EffectiveEvent[] {
  const entries: EffectiveEvent[] = []
  for (const event of order) {
    const entry = event.stub === null ? entryOf(event, changes) : undefined
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

function entryOf(
  event: LogEvent,
  changes: ReadonlyMap<EventId, EffectiveEvent | undefined>,
): EffectiveEvent | undefined {
  if (changes.has(event.id)) return changes.get(event.id)
  // Data is parsed when first asked for, as the event does.
  return {
    event,
    type: event.type,
    get data() {
      return event.data
    },
  }
}

function aggregates(order: readonly LogEvent[]): Iterable<readonly LogEvent[]> {
  const found = new Map<string, LogEvent[]>()
  for (const event of order) {
    const events = found.get(event.aggregateId)
    if (events === undefined) found.set(event.aggregateId, [event])
    else events.push(event)
  }
  return found.values()
}

/** Every event with causality names the one before it. */
function isLinear(order: readonly LogEvent[]): boolean {
  let before: LogEvent | undefined
  for (const event of order) {
    if (event.origin === null) continue
    if (before !== undefined && !event.parents.includes(before.id)) return false
    before = event
  }
  return true
}

function inOrder(
  conflicts: readonly ResolvedConflict[],
  order: readonly LogEvent[],
): readonly ResolvedConflict[] {
  if (conflicts.length < 2) return conflicts
  const places = placesIn(order)
  const startOf = ({ conflict }: ResolvedConflict) =>
    places.get((conflict.events[0] as LogEvent).id) as number
  return conflicts.toSorted((one, other) => startOf(one) - startOf(other))
}

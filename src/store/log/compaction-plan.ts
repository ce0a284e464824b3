import type { Entry } from '../../contracts/index.ts'
import { type EventId, isSnapshot, type LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import { ancestorsOf } from './ancestors.ts'

/** What may be compacted of one aggregate, or why nothing may. */
export type Plan =
  | {
      readonly kind: 'compact'
      /** The last first: whoever is interrupted leaves those next to the snapshot compacted. */
      readonly ids: readonly EventId[]
      /** They stand for all of these. */
      readonly snapshots: readonly EventId[]
    }
  | { readonly kind: 'nothing' }
  /** Everything would have to be read up to here. */
  | { readonly kind: 'early'; readonly needs: Position }
  /** Some of what a snapshot covers has no causality here yet. */
  | { readonly kind: 'unlinked' }

/** One row of an aggregate, without its content. */
export interface PlannedRow {
  readonly id: EventId
  readonly parents: readonly EventId[]
  readonly position: Position
  readonly stub: LogEvent['stub']
  readonly isLinked: boolean
  readonly isSnapshot: boolean
}

export function plannedRow({ position, event }: Entry): PlannedRow {
  const { id, parents, stub, origin } = event
  return { id, parents, position, stub, isLinked: origin !== null, isSnapshot: isSnapshot(event) }
}

/** All that snapshots at or before `until` cover, if all of that stands there too: a snapshot is taken wholly. */
export function planOf(rows: readonly PlannedRow[], until: Position): Plan {
  // One that moves while pages are read comes twice.
  const known = new Map(rows.map((row) => [row.id, row]))
  const ready = new Set<EventId>()
  const snapshots: EventId[] = []
  let otherwise: Plan = { kind: 'nothing' }
  const candidates = [...known.values()].filter((row) => row.isSnapshot)
  for (const snapshot of candidates.reverse()) {
    if (ready.has(snapshot.id)) continue
    const covered = [...ancestorsOf([snapshot], known)].map((id) => known.get(id) as PlannedRow)
    if (!covered.some(({ stub }) => stub === null)) continue
    const needs = greatest([snapshot, ...covered].map(({ position }) => position))
    const isLinked = covered.every((row) => row.isLinked)
    if (isLinked && needs <= until) {
      snapshots.push(snapshot.id)
      for (const { id } of covered) ready.add(id)
    } else if (!isLinked) otherwise = { kind: 'unlinked' }
    else if (otherwise.kind !== 'early' || needs < otherwise.needs)
      otherwise = { kind: 'early', needs }
  }
  const full = [...ready]
    .map((id) => known.get(id) as PlannedRow)
    .filter(({ stub }) => stub === null)
  if (full.length === 0) return otherwise
  const ids = full
    .sort((one, other) => (one.position < other.position ? 1 : -1))
    .map(({ id }) => id)
  return { kind: 'compact', ids, snapshots }
}

function greatest(positions: readonly Position[]): Position {
  return positions.reduce((one, other) => (one > other ? one : other))
}

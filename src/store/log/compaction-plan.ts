import type { Stamp } from '../../clock/index.ts'
import type { Entry } from '../../contracts/index.ts'
import { type EventId, isSnapshot, type LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import { ancestorsOf } from './ancestors.ts'

/** What may be compacted of one aggregate, and why no more of it. */
export interface Plan {
  /** The last first: whoever is interrupted leaves those next to the snapshot compacted. */
  readonly ids: readonly EventId[]
  /** They stand for all of these. */
  readonly snapshots: readonly EventId[]
  /** For the rest, everything would have to be read up to here. */
  readonly needs?: Position
  /** Some of what another snapshot covers has no causality here yet. */
  readonly isUnlinked: boolean
  /** Some of it is covered by too young a snapshot only. */
  readonly isYoung: boolean
}

/** How far a plan may go. */
export interface Horizon {
  readonly until: Position
  /** Snapshots from this stamp on are too young to count; none: all count. */
  readonly youngFrom: Stamp | undefined
}

/** One row of an aggregate, without its content. */
export interface PlannedRow {
  readonly id: EventId
  readonly parents: readonly EventId[]
  readonly position: Position
  readonly stamp: Stamp
  readonly stub: LogEvent['stub']
  readonly isLinked: boolean
  readonly isSnapshot: boolean
}

export function plannedRow({ position, event }: Entry): PlannedRow {
  const { id, parents, stamp, stub, origin } = event
  const isLinked = origin !== null
  return { id, parents, position, stamp, stub, isLinked, isSnapshot: isSnapshot(event) }
}

/** All that snapshots within the horizon cover, if all of that stands there too: a snapshot is taken wholly. */
export function planOf(rows: readonly PlannedRow[], { until, youngFrom }: Horizon): Plan {
  // One that moves while pages are read comes twice.
  const known = new Map(rows.map((row) => [row.id, row]))
  const ready = new Set<EventId>()
  const snapshots: EventId[] = []
  let isUnlinked = false
  let isYoung = false
  let early: Position | undefined
  const candidates = [...known.values()].filter((row) => row.isSnapshot)
  for (const snapshot of candidates.reverse()) {
    if (ready.has(snapshot.id)) continue
    const covered = [...ancestorsOf([snapshot], known)].map((id) => known.get(id) as PlannedRow)
    if (!covered.some(({ stub }) => stub === null)) continue
    const needs = greatest([snapshot, ...covered].map(({ position }) => position))
    const isTooYoung = youngFrom !== undefined && snapshot.stamp >= youngFrom
    if (isTooYoung) isYoung = true
    if (!covered.every((row) => row.isLinked)) isUnlinked = true
    else if (needs > until) early = early === undefined || needs < early ? needs : early
    else if (!isTooYoung) {
      snapshots.push(snapshot.id)
      for (const { id } of covered) ready.add(id)
    }
  }
  const ids = [...ready]
    .map((id) => known.get(id) as PlannedRow)
    .filter(({ stub }) => stub === null)
    .sort((one, other) => (one.position < other.position ? 1 : -1))
    .map(({ id }) => id)
  return { ids, snapshots, isUnlinked, isYoung, ...(early !== undefined && { needs: early }) }
}

function greatest(positions: readonly Position[]): Position {
  return positions.reduce((one, other) => (one > other ? one : other))
}

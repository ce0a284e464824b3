import { compactedOf, type EventId, isSnapshot, type LinkId } from '../../event/index.ts'
import { type Position, parseCursor, readUpTo, start } from '../../version/index.ts'
import type { LogContext, ReaderContext } from './context.ts'
import { readersOf } from './readers.ts'
import type { LogTables } from './tables.ts'

/*
 * An event that a snapshot stands for may lose its content here, and only here: its row stays where it is, with the
 * header. So causality stays exact, its id stays known, and whoever reads on gets a stub, and the snapshot after it.
 * What meets is settled as everywhere, by who says more:
 *
 *   unknown ──▶ compacted, withheld ──▶ full ──▶ erased
 *
 * but that what has been compacted here is not filled again.
 */

/** Somebody has come only so far in this log; what stands behind that is kept. */
export interface Limit {
  readonly reason: 'unsent' | 'reader' | 'behind'
  /** The link, or the reader. */
  readonly name: string
  readonly upTo: Position
}

/** How far each remote has been sent this log, and how far those who pull from it have come. */
export function limitsOf(
  log: ReaderContext,
  silence: number,
  leaveBehind: ReadonlySet<string> = new Set(),
): readonly Limit[] {
  const { tables, runtime } = log
  const limits: Limit[] = []
  // Whoever we neither pull from nor push to comes to us.
  for (const [name, { pulled, pushed }] of tables.links())
    if (!leaveBehind.has(name) && (pulled !== start || pushed !== start))
      limits.push({ reason: 'unsent', name, upTo: positionOf(pushed) })
  for (const [name, { upTo, heard }] of readersOf(log))
    if (!leaveBehind.has(name) && runtime.now() - heard <= silence)
      limits.push({ reason: 'reader', name, upTo })
  return limits
}

/** Aggregates with an event that a remote refuses: it is offered again, and its ancestors with it. */
export function aggregatesWithParked(tables: LogTables): ReadonlyMap<string, LinkId> {
  const found = new Map<string, LinkId>()
  for (const [link] of tables.links())
    for (const { id } of tables.parked(link)) {
      const row = tables.row(id)
      if (row !== undefined) found.set(row.event.aggregateId, link)
    }
  return found
}

/** A part of what the snapshots of one aggregate cover, as much as one transaction takes. */
export interface CompactionSlice {
  readonly ids: readonly EventId[]
  readonly snapshots: readonly EventId[]
  readonly until: Position
}

/** `undefined`, and nothing changed, when a snapshot has lost its content meanwhile. */
export function compactSlice(
  { tables }: LogContext,
  { ids, snapshots, until }: CompactionSlice,
): { readonly compacted: number; readonly bytes: number } | undefined {
  const isThere = (id: EventId) => {
    const row = tables.row(id)
    return row !== undefined && isSnapshot(row.event)
  }
  if (!snapshots.every(isThere)) return undefined
  let compacted = 0
  let bytes = 0
  for (const id of ids) {
    const row = tables.row(id)
    // What was erased meanwhile, or has moved, is somebody else's business now.
    if (row === undefined || row.event.stub !== null || row.position > until) continue
    const event = compactedOf(row.event)
    tables.replace(row, event)
    compacted++
    bytes += row.event.size - event.size
  }
  return { compacted, bytes }
}

/** Most rows in one transaction: some 20 ms of work. */
export const compactedAtOnce = 500

function positionOf(cursor: Parameters<typeof parseCursor>[0]): Position {
  const point = parseCursor(cursor)
  return point === undefined ? (0n as Position) : readUpTo(point)
}

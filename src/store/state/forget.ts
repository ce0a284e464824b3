import {
  type Forgetting,
  type Forgotten,
  matchesPattern,
  patternsOverlap,
} from '../../contracts/index.ts'
import { type LinkId, newOrigin, nodeOf } from '../../event/index.ts'
import { newMark, type Position, parseCursor, readUpTo, start } from '../../version/index.ts'
import { linkRow, nextPosition, resetLink } from '../log/index.ts'
import type { StateContext } from './context.ts'
import type { Row, StateTables } from './tables.ts'

/**
 * As `StateStorage.forget`. A peer that went on as if nothing had happened would leave out what once came over its
 * link, and count as sent what is gone: so this is another feed from here on, for everybody.
 */
export function forget(
  context: StateContext,
  { patterns, along = [], sentTo }: Forgetting,
): Forgotten {
  const { tables } = context
  const isUnder = (all: readonly string[], path: string) =>
    all.some((pattern) => matchesPattern(pattern, path))
  const isUnsent = unsentTo(tables, sentTo)
  let [objects, tombstones, unsent, late] = [0, 0, 0, 0]
  for (const row of tables.scan(none)) {
    const isMeant = isUnder(patterns, row.path)
    if (!isMeant && !isUnder(along, row.path)) continue
    tables.drop(row)
    if (!isMeant) continue
    if (row.dataText === null) tombstones++
    else objects++
    if (isUnsent(row)) unsent++
  }
  for (const { position, change } of tables.late(none, Number.MAX_SAFE_INTEGER))
    if (isUnder(patterns, change.path) && tables.forgetLate(position)) late++
  // What the new beginning brings may be older than they are.
  for (const list of tables.collectedLists())
    if (patterns.some((pattern) => patternsOverlap(pattern, list))) tables.setCollected(list, 0n)
  beginAnew(context)
  return { objects, tombstones, unsent, late }
}

function beginAnew(context: StateContext): void {
  const { tables, runtime } = context
  const { meta } = tables
  for (const [id] of [...tables.links()]) {
    resetLink(tables, id)
    // It is to be offered again what is gone.
    tables.setLink(id, { ...linkRow(tables, id), received: start })
  }
  meta.origin = newOrigin(nodeOf(meta.origin), runtime)
  meta.sequence = 0n
  context.mark = newMark(runtime)
  tables.setMarks([{ mark: context.mark, first: none }])
  nextPosition(context)
}

/** What a peer has not confirmed, and has not brought itself. */
function unsentTo(tables: StateTables, peer: LinkId | undefined): (row: Row) => boolean {
  const link = peer && tables.link(peer)
  const point = link && parseCursor(link.pushed)
  const sent = point === undefined ? none : readUpTo(point)
  return ({ position, via }) => position > sent && (link === undefined || via !== link.via)
}

const none = 0n as Position

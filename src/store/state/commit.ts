import {
  type Collection,
  listOf,
  type StateCommit,
  type StateCommitted,
  type StateStale,
  timeOf,
} from '../../contracts/index.ts'
import { keepReaders, nextPosition } from '../log/index.ts'
import type { StateContext } from './context.ts'
import type { Row } from './tables.ts'

/** Stores versions as they are, unless somebody else has been here since they were made. */
export function commit(
  context: StateContext,
  { expects, changes, clock: ticked = 0n }: StateCommit,
): StateCommitted | StateStale {
  const { tables, clock } = context
  if (tables.meta.position !== expects) return { kind: 'stale' }
  clock.resume(ticked)
  const rows = changes.map(({ path, created, updated, dataText, note }): Row => {
    const position = nextPosition(context)
    const row = { position, path, created, updated, dataText, note, via: null }
    tables.put(row)
    clock.observe(timeOf(row))
    return row
  })
  keepReaders(context)
  return { kind: 'committed', rows }
}

/**
 * Drops tombstones, and keeps what they said about each list as a whole. Takes a position for itself, so that a
 * cursor tells whether it was made before: see `missesDeletes`.
 */
export function collect(
  context: StateContext,
  { before, upTo }: Collection,
  count = Number.MAX_SAFE_INTEGER,
): number {
  const { tables } = context
  const { meta } = tables
  const tombstones = tables.tombstones(before, upTo, count)
  for (const tombstone of tombstones) {
    const list = listOf(tombstone.path)
    if (tombstone.updated > tables.collected(list)) tables.setCollected(list, tombstone.updated)
    if (tombstone.position > meta.horizon) meta.horizon = tombstone.position
    tables.drop(tombstone)
  }
  if (tombstones.length > 0) meta.swept = nextPosition(context)
  return tombstones.length
}

import { RejoinError } from '../../../errors/index.ts'
import type { NodeId, Origin } from '../../../event/index.ts'
import type { Connection, SqliteValue } from '../../../sqlite/index.ts'
import type { Position } from '../../../version/index.ts'
import type { StateMeta } from '../../state/index.ts'

/** The storage's one row. Throws `storage_damaged` when there is none. */
export function readStateMeta(db: Connection): StateMeta {
  const row = db.getBig('SELECT * FROM rejoin_state')
  if (row === undefined) throw noIdentity()
  return {
    node: row.node as NodeId,
    origin: row.origin as Origin,
    sequence: 0n,
    position: row.position as Position,
    clock: row.clock as bigint,
    vias: Number(row.vias),
    horizon: row.horizon as Position,
    swept: row.swept as Position,
    reads: row.reads === 1n,
  }
}

export function addStateMeta(db: Connection, meta: StateMeta): void {
  db.run('INSERT INTO rejoin_state VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)', ...valuesOf(meta))
}

export function writeStateMeta(db: Connection, meta: StateMeta): void {
  db.run(
    `UPDATE rejoin_state SET node = ?, origin = ?, position = ?, clock = ?, vias = ?, horizon = ?,
       swept = ?, reads = ?`,
    ...valuesOf(meta),
  )
}

/** Equal for rows that are equal. */
export function stateMetaText(meta: StateMeta): string {
  return valuesOf(meta).join(' ')
}

function valuesOf(meta: StateMeta): readonly SqliteValue[] {
  const { node, origin, position, clock, vias, horizon, swept, reads } = meta
  return [node, origin, position, clock, vias, horizon, swept, reads ? 1n : 0n]
}

/** Its maker was killed between making the file and the first commit. */
function noIdentity(): RejoinError {
  const message = 'the storage has no identity yet: open it for writing once'
  const where = { operation: 'read', component: 'store/sqlite' }
  return new RejoinError('storage_damaged', message, where)
}

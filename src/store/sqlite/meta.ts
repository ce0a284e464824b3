import { RejoinError } from '../../errors/index.ts'
import type { NodeId, Origin } from '../../event/index.ts'
import type { Connection, SqliteValue } from '../../sqlite/index.ts'
import type { Position } from '../../version/index.ts'
import type { LogMeta } from '../log/index.ts'

/** The log's one row. Throws `storage_damaged` when there is none. */
export function readMeta(db: Connection): LogMeta {
  const row = db.getBig('SELECT * FROM log')
  if (row === undefined) throw noIdentity()
  return {
    node: row.node as NodeId,
    origin: row.origin as Origin,
    sequence: row.sequence as bigint,
    position: row.position as Position,
    clock: row.clock as bigint,
    events: row.events as bigint,
    moved: row.moved as bigint,
    clashes: row.clashes as bigint,
    vias: Number(row.vias),
    erased: row.erased as bigint,
  }
}

export function addMeta(db: Connection, meta: LogMeta): void {
  db.run('INSERT INTO log VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', ...valuesOf(meta))
}

export function writeMeta(db: Connection, meta: LogMeta): void {
  db.run(
    'UPDATE log SET node = ?, origin = ?, sequence = ?, position = ?, clock = ?, events = ?, moved = ?, clashes = ?, vias = ?, erased = ?',
    ...valuesOf(meta),
  )
}

/** Equal for rows that are equal. */
export function textOf(meta: LogMeta): string {
  return valuesOf(meta).join(' ')
}

function valuesOf(meta: LogMeta): readonly SqliteValue[] {
  const { node, origin, sequence, position, clock, events, moved, clashes, vias, erased } = meta
  return [node, origin, sequence, position, clock, events, moved, clashes, vias, erased]
}

/** Its maker was killed between making the file and the first commit. */
function noIdentity(): RejoinError {
  const message = 'the log has no identity yet: open it for writing once'
  const where = { operation: 'read', component: 'store/sqlite' }
  return new RejoinError('storage_damaged', message, where)
}

import type { LinkId } from '../../event/index.ts'
import { type Cursor, type Position, parseCursor, readUpTo } from '../../version/index.ts'
import type { LogContext } from './context.ts'

/**
 * Notes how far a peer has pulled from this log, as it says in its greeting. Written only when that is news: a
 * greeting that changes nothing costs no flush.
 */
export function noteReader({ tables, runtime }: LogContext, peer: LinkId, pulled: Cursor): void {
  const point = parseCursor(pulled)
  const known = tables.reader(peer)
  if (point === undefined && known === undefined) return
  const upTo = point === undefined ? (0n as Position) : readUpTo(point)
  const heard = runtime.now()
  if (known?.upTo === upTo && heard - known.heard < oneDay) return
  tables.setReader(peer, { upTo, heard })
}

const oneDay = 24 * 60 * 60 * 1_000

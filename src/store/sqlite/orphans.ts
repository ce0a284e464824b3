import {
  decodeFrames,
  type EventId,
  encodeEndLine,
  encodeFrame,
  LogEvent,
} from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import type { KeptOrphan } from '../log/index.ts'
import { idColumnOf, idKey, idOf } from './keys.ts'

/** Headers that wait for parents. Nearly no log has any, so whether there are is remembered. */
export class Orphans {
  #any: boolean | undefined

  forget(): void {
    this.#any = undefined
  }

  of(db: Connection, parent: EventId): readonly LogEvent[] {
    if (!this.#has(db)) return none
    const rows = db.all('SELECT frame FROM orphans WHERE parent = ?', idKey(parent))
    return rows.flatMap((row) => eventIn(row.frame as string))
  }

  get(db: Connection, id: EventId): KeptOrphan | undefined {
    if (!this.#has(db)) return undefined
    const row = db.get(byId, idKey(id))
    const [orphan] = row === undefined ? [] : eventIn(row.frame as string)
    return row && orphan && { orphan, parent: idOf(row.parent as string) }
  }

  keep(db: Connection, orphan: LogEvent, parent: EventId): void {
    const sql = 'INSERT OR REPLACE INTO orphans VALUES (?, ?, ?)'
    db.run(sql, idKey(orphan.id), idKey(parent), encodeFrame(orphan))
    this.#any = true
  }

  drop(db: Connection, id: EventId): void {
    if (!this.#has(db)) return
    db.run('DELETE FROM orphans WHERE id = ?', idKey(id))
    this.#any = undefined
  }

  #has(db: Connection): boolean {
    this.#any ??= db.get('SELECT 1 FROM orphans LIMIT 1') !== undefined
    return this.#any
  }
}

function eventIn(frame: string): LogEvent[] {
  const { events } = decodeFrames(frame + encodeEndLine({}), anySize, systemRuntime)
  return events.filter((event) => event instanceof LogEvent)
}

const byId = `SELECT frame, ${idColumnOf('parent')} FROM orphans WHERE id = ?`
const none: readonly LogEvent[] = []
/** Limits are for entrances: what was accepted once is read again, whatever they are today. */
const anySize = {
  eventBytes: Number.POSITIVE_INFINITY,
  idBytes: Number.POSITIVE_INFINITY,
  jsonDepth: Number.POSITIVE_INFINITY,
}

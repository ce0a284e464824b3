import type { EventId } from '../../event/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import type { Position } from '../../version/index.ts'
import type { FirstPlace, ScanRange } from '../log/index.ts'
import { idColumn, idKey, idOf } from './keys.ts'

/** Where events stood before they took their header on. Nearly no log has any, so whether there are is remembered. */
export class FirstPlaces {
  #any: boolean | undefined

  forget(): void {
    this.#any = undefined
  }

  of(db: Connection, id: EventId): Position | undefined {
    if (!this.#has(db)) return undefined
    const sql = 'SELECT position FROM rejoin_first_places WHERE id = ?'
    return db.getBig(sql, idKey(id))?.position as Position | undefined
  }

  *scan(db: Connection, range: Pick<ScanRange, 'after' | 'until'>): Iterable<FirstPlace> {
    if (!this.#has(db)) return
    let { after } = range
    for (;;) {
      const rows = db.allBig(inOrder, after, range.until, chunk)
      for (const { position, id } of rows)
        yield { position: position as Position, id: idOf(id as string) }
      if (rows.length < chunk) return
      after = rows.at(-1)?.position as Position
    }
  }

  keep(db: Connection, { position, id }: FirstPlace): void {
    db.run('INSERT INTO rejoin_first_places VALUES (?, ?)', position, idKey(id))
    this.#any = true
  }

  #has(db: Connection): boolean {
    this.#any ??= db.get('SELECT 1 FROM rejoin_first_places LIMIT 1') !== undefined
    return this.#any
  }
}

const inOrder = `SELECT position, ${idColumn} FROM rejoin_first_places WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`
const chunk = 64

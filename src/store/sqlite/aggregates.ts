import type { Stamp } from '../../clock/index.ts'
import type { EventId } from '../../event/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import type { Head } from '../log/index.ts'
import { detached } from './detached.ts'
import type { EventSql } from './event-sql.ts'
import { idKey, idOf } from './keys.ts'

/** One aggregate as this transaction sees it. */
export interface Aggregate {
  readonly key: number
  readonly name: string
  heads: readonly Head[]
  /** The event at its greatest position. */
  last: EventId | undefined
  /** The heads column as it stands in the file. */
  stored: string | null
}

/**
 * Aggregates and their heads. An aggregate whose last event is its only head, which nearly all are,
 * stores no heads at all: appending to it writes one row, the event.
 */
export class Aggregates {
  readonly #sql: EventSql
  readonly #byName = new Map<string, Aggregate>()
  readonly #names = new Map<number, string>()
  readonly #dirty = new Set<Aggregate>()
  #last: Aggregate | undefined

  constructor(sql: EventSql) {
    this.#sql = sql
  }

  find(db: Connection, name: string): Aggregate | undefined {
    // An event asks for its aggregate several times in a row.
    if (this.#last?.name === name) return this.#last
    const known = this.#byName.get(name)
    if (known !== undefined) {
      this.#last = known
      return known
    }
    const row = db.get('SELECT key, heads FROM aggregates WHERE name = ?', name)
    return (
      row &&
      this.#keep(this.#load(db, row.key as number, detached(name), row.heads as string | null))
    )
  }

  findOrNew(db: Connection, name: string): Aggregate {
    const known = this.find(db, name)
    if (known !== undefined) return known
    const key = db.get('INSERT INTO aggregates (name) VALUES (?) RETURNING key', name)
      ?.key as number
    return this.#keep({ key, name: detached(name), heads: [], last: undefined, stored: null })
  }

  name(db: Connection, key: number): string {
    let name = this.#names.get(key)
    if (name === undefined) {
      name = db.get('SELECT name FROM aggregates WHERE key = ?', key)?.name as string
      if (this.#names.size >= mostCached) this.#names.clear()
      this.#names.set(key, name)
    }
    return name
  }

  /** Its heads or its last event have changed. */
  touch(aggregate: Aggregate): void {
    this.#dirty.add(aggregate)
  }

  /** Writes the heads that can't be read off the last event. */
  write(db: Connection): void {
    for (const aggregate of this.#dirty) {
      const { heads, last, key } = aggregate
      const linear = heads.length === 1 && heads[0]?.id === last
      aggregate.heads = heads.map(({ id, stamp }) => ({ id: detached(id), stamp }))
      aggregate.last = linear ? aggregate.heads[0]?.id : last && detached(last)
      const stored = linear ? null : JSON.stringify(heads.map((head) => head.id))
      if (stored === aggregate.stored) continue
      db.run('UPDATE aggregates SET heads = ? WHERE key = ?', stored, key)
      aggregate.stored = stored
    }
    this.#dirty.clear()
  }

  /** Lets the longest known go beyond the bound, unless a transaction still needs them. */
  trim(): void {
    if (this.#byName.size <= mostCached || this.#dirty.size > 0) return
    for (const name of this.#byName.keys()) {
      if (this.#byName.size <= mostCached) return
      this.#byName.delete(name)
    }
  }

  forget(): void {
    this.#last = undefined
    this.#byName.clear()
    this.#names.clear()
    this.#dirty.clear()
  }

  #load(db: Connection, key: number, name: string, stored: string | null): Aggregate {
    const row = db.getBig(this.#sql.lastOfAggregate, key)
    const last = row && { id: idOf(row.id as string), stamp: row.stamp as Stamp }
    if (stored === null) return { key, name, heads: last ? [last] : [], last: last?.id, stored }
    const heads = (JSON.parse(stored) as EventId[]).map((id) => ({
      id,
      stamp: db.getBig(this.#sql.stampOf, idKey(id))?.stamp as Stamp,
    }))
    return { key, name, heads, last: last?.id, stored }
  }

  #keep(aggregate: Aggregate): Aggregate {
    this.#byName.set(aggregate.name, aggregate)
    return aggregate
  }
}

const mostCached = 50_000

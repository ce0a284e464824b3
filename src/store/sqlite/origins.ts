import type { Origin } from '../../event/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import { detached } from './detached.ts'
import type { EventSql } from './event-sql.ts'

/** One origin as this transaction sees it. */
export interface KnownOrigin {
  readonly key: number
  readonly name: Origin
  /** Its greatest sequence here. */
  highest: bigint
}

/**
 * Origins, kept once, as small numbers. How far each has come is read off the index of its events when it
 * is first met, so that an append has one page less to write: a seventh of it at one event a commit.
 */
export class Origins {
  readonly #sql: EventSql
  readonly #byName = new Map<Origin, KnownOrigin>()
  readonly #byKey = new Map<number, KnownOrigin>()
  #last: KnownOrigin | undefined

  constructor(sql: EventSql) {
    this.#sql = sql
  }

  find(db: Connection, name: Origin): KnownOrigin | undefined {
    // Events of one origin come in rows, and each asks several times.
    if (this.#last?.name === name) return this.#last
    this.#last = this.#byName.get(name) ?? this.#load(db, 'name', name)
    return this.#last
  }

  findOrNew(db: Connection, name: Origin): KnownOrigin {
    const known = this.find(db, name)
    if (known !== undefined) return known
    const sql = 'INSERT INTO origins (name, highest) VALUES (?, 0) RETURNING key'
    const key = db.get(sql, name)?.key as number
    this.#last = this.#keep({ key, name: detached(name), highest: 0n })
    return this.#last
  }

  name(db: Connection, key: number): Origin {
    const known = this.#byKey.get(key) ?? this.#load(db, 'key', key)
    return (known as KnownOrigin).name
  }

  forget(): void {
    this.#last = undefined
    this.#byName.clear()
    this.#byKey.clear()
  }

  #load(db: Connection, by: 'name' | 'key', value: string | number): KnownOrigin | undefined {
    const row = db.getBig(this.#sql.origin[by], value)
    if (row === undefined) return undefined
    const name = row.name as Origin
    return this.#keep({ key: Number(row.key), name, highest: row.highest as bigint })
  }

  #keep(origin: KnownOrigin): KnownOrigin {
    if (this.#byName.size >= mostCached) this.forget()
    this.#byName.set(origin.name, origin)
    this.#byKey.set(origin.key, origin)
    return origin
  }
}

const mostCached = 10_000

import type { Origin } from '../../event/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import { detached } from './detached.ts'

/** One origin as this transaction sees it. */
export interface KnownOrigin {
  readonly key: number
  readonly name: Origin
  /** Its greatest sequence here. */
  highest: bigint
  /** The same, as it stands in the file. */
  stored: bigint
}

/** Origins and the greatest sequence of each. */
export class Origins {
  readonly #byName = new Map<Origin, KnownOrigin>()
  readonly #byKey = new Map<number, KnownOrigin>()
  readonly #risen = new Set<KnownOrigin>()
  #last: KnownOrigin | undefined

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
    this.#last = this.#keep({ key, name: detached(name), highest: 0n, stored: 0n })
    return this.#last
  }

  name(db: Connection, key: number): Origin {
    const known = this.#byKey.get(key) ?? this.#load(db, 'key', key)
    return (known as KnownOrigin).name
  }

  rise(origin: KnownOrigin, sequence: bigint): void {
    if (origin.highest === origin.stored) this.#risen.add(origin)
    origin.highest = sequence
  }

  write(db: Connection): void {
    for (const origin of this.#risen) {
      db.run('UPDATE origins SET highest = ? WHERE key = ?', origin.highest, origin.key)
      origin.stored = origin.highest
    }
    this.#risen.clear()
  }

  forget(): void {
    this.#last = undefined
    this.#byName.clear()
    this.#byKey.clear()
    this.#risen.clear()
  }

  #load(db: Connection, by: 'name' | 'key', value: string | number): KnownOrigin | undefined {
    const row = db.getBig(`SELECT key, name, highest FROM origins WHERE ${by} = ?`, value)
    if (row === undefined) return undefined
    const highest = row.highest as bigint
    const name = row.name as Origin
    return this.#keep({ key: Number(row.key), name, highest, stored: highest })
  }

  #keep(origin: KnownOrigin): KnownOrigin {
    if (this.#byName.size >= mostCached && this.#risen.size === 0) this.forget()
    this.#byName.set(origin.name, origin)
    this.#byKey.set(origin.key, origin)
    return origin
  }
}

const mostCached = 10_000

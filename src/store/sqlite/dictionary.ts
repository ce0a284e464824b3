import type { Connection } from '../../sqlite/index.ts'

/**
 * Names kept once, as small numbers. Both directions are cached; a cache that outgrows its bound starts
 * over.
 */
export class Dictionary {
  readonly #table: 'types' | 'origins'
  readonly #keys = new Map<string, number>()
  readonly #names = new Map<number, string>()

  constructor(table: 'types' | 'origins') {
    this.#table = table
  }

  key(db: Connection, name: string): number | undefined {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const row = db.get(`SELECT key FROM ${this.#table} WHERE name = ?`, name)
    return row === undefined ? undefined : this.#keep(row.key as number, name)
  }

  keyOrNew(db: Connection, name: string): number {
    const known = this.key(db, name)
    if (known !== undefined) return known
    const insert =
      this.#table === 'types'
        ? 'INSERT INTO types (name) VALUES (?) RETURNING key'
        : 'INSERT INTO origins (name, highest) VALUES (?, 0) RETURNING key'
    return this.#keep(db.get(insert, name)?.key as number, name)
  }

  name(db: Connection, key: number): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const row = db.get(`SELECT name FROM ${this.#table} WHERE key = ?`, key)
    this.#keep(key, row?.name as string)
    return row?.name as string
  }

  forget(): void {
    this.#keys.clear()
    this.#names.clear()
  }

  #keep(key: number, name: string): number {
    if (this.#keys.size >= mostCached) this.forget()
    this.#keys.set(name, key)
    this.#names.set(key, name)
    return key
  }
}

const mostCached = 10_000

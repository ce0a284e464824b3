import type { Connection } from '../../sqlite/index.ts'
import { detached } from './detached.ts'

/**
 * Event types, kept once, as small numbers. Both directions are cached; a cache that outgrows its bound
 * starts over.
 */
export class Types {
  readonly #keys = new Map<string, number>()
  readonly #names = new Map<number, string>()

  keyOrNew(db: Connection, name: string): number {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    const row =
      db.get('SELECT key FROM types WHERE name = ?', name) ??
      db.get('INSERT INTO types (name) VALUES (?) RETURNING key', name)
    return this.#keep(row?.key as number, detached(name))
  }

  name(db: Connection, key: number): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = db.get('SELECT name FROM types WHERE key = ?', key)?.name as string
    this.#keep(key, name)
    return name
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

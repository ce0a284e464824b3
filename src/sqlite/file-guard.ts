import type { Connection } from './connection.ts'
import type { Participant } from './participant.ts'
import { newer } from './refusal.ts'
import type { Schema } from './schema.ts'

/**
 * Keeps a process from writing by its old schema after another process, of a newer version, has
 * migrated the file under it.
 */
export class VersionGuard implements Participant {
  readonly #path: string
  readonly #schema: Schema
  readonly #inner: Participant | undefined

  constructor(path: string, schema: Schema, inner: Participant | undefined) {
    this.#path = path
    this.#schema = schema
    this.#inner = inner
  }

  begin(tx: Connection, outside: boolean): void {
    if (outside) this.#check(tx)
    this.#inner?.begin(tx, outside)
  }

  beforeCommit(tx: Connection): void {
    this.#inner?.beforeCommit(tx)
  }

  committed(): void {
    this.#inner?.committed()
  }

  rolledBack(): void {
    this.#inner?.rolledBack()
  }

  #check(tx: Connection): void {
    const version = tx.get('PRAGMA user_version')?.user_version as number
    const known = this.#schema.migrations.length
    if (version > known) throw newer(this.#path, this.#schema.what, version, known)
  }
}

import { statSync } from 'node:fs'
import type { Connection } from './connection.ts'
import type { Participant } from './participant.ts'
import { newer, refusal } from './refusal.ts'
import type { Schema } from './schema.ts'

/**
 * Keeps a process from writing to a file that is no longer what it opened: replaced or removed by
 * somebody, or its WAL was, so that every write would be acknowledged and gone; or migrated by a newer
 * version.
 */
export class FileGuard implements Participant {
  readonly #path: string
  readonly #schema: Schema
  readonly #inner: Participant | undefined
  #identity: string

  constructor(path: string, schema: Schema, inner: Participant | undefined) {
    this.#path = path
    this.#schema = schema
    this.#inner = inner
    this.#identity = identityOf(path)
  }

  /** The file was opened again. */
  reopened(): void {
    this.#identity = identityOf(this.#path)
  }

  begin(tx: Connection, outside: boolean): void {
    if (identityOf(this.#path) !== this.#identity) throw this.#moved()
    if (outside) this.#checkVersion(tx)
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

  #checkVersion(tx: Connection): void {
    const version = tx.get('PRAGMA user_version')?.user_version as number
    const known = this.#schema.migrations.length
    if (version > known) throw newer(this.#path, this.#schema.what, version, known)
  }

  #moved(): Error {
    const message = 'the file or its -wal was moved, replaced or removed while in use; nothing was'
    return refusal(
      'storage_io',
      this.#path,
      `${message} written to it. Put it back, or open it anew`,
    )
  }
}

/** Costs 5 microseconds; a commit costs a hundred. */
function identityOf(path: string): string {
  return path === ':memory:' ? path : `${inodeOf(path)} ${inodeOf(`${path}-wal`)}`
}

function inodeOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev}:${stats.ino}` : 'gone'
}

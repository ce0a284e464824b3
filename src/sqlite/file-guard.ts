import { statSync } from 'node:fs'
import type { Connection } from './connection.ts'
import type { ReadingWay } from './frozen.ts'
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
  readonly #way: ReadingWay
  readonly #schema: Schema
  readonly #inner: Participant | undefined
  #identity: string

  constructor(path: string, way: ReadingWay, schema: Schema, inner: Participant | undefined) {
    this.#path = path
    this.#way = way
    this.#schema = schema
    this.#inner = inner
    this.#identity = identityOf(path, way)
  }

  /** Which file it was when it was opened. */
  get identity(): string {
    return this.#identity
  }

  /** The file was opened again. */
  reopened(): void {
    this.#identity = identityOf(this.#path, this.#way)
  }

  begin(tx: Connection, outside: boolean): void {
    if (identityOf(this.#path, this.#way) !== this.#identity) throw this.#moved()
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

/** Tells a file, and its WAL where that is read too, from any that come to lie in their place. */
export function identityOf(path: string, way: ReadingWay): string {
  if (path === ':memory:') return path
  // Costs 5 microseconds; a commit costs a hundred.
  return way === 'main file' ? inodeOf(path) : `${inodeOf(path)} ${inodeOf(`${path}-wal`)}`
}

function inodeOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev}:${stats.ino}` : 'gone'
}

import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Logger, silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import type { DatabaseOptions } from './database.ts'
import type { Participant } from './participant.ts'
import type { ReaderEntry } from './reader-thread.ts'
import type { Schema } from './schema.ts'

export interface SqliteFileOptions extends Schema {
  /** `:memory:` for a database that lives and dies with this object. */
  readonly path: string
  /**
   * `full` (default): flushed before a write is acknowledged, so that it survives a power loss.
   * `normal`: survives a killed process.
   */
  readonly durability?: 'full' | 'normal'
  /** Page cache, shared out evenly among the connections; default 64 MiB. */
  readonly cacheBytes?: number
  /**
   * Only reads; the file and its WAL stay as they are. While somebody else has it open, or where a
   * crash has left a WAL, readers register in a `-shm` beside it. If nobody has, it shows the file as it
   * was when opened: who opens it for writing meanwhile is not noticed.
   */
  readonly readonly?: boolean
  readonly runtime?: Runtime
  readonly logger?: Logger
  readonly participant?: Participant
  /** Threads for `readElsewhere`; not for `:memory:`, which has nothing to share. */
  readonly readers?: Readers
  /** Gives up opening, as long as it is under way; what was opened is closed again. */
  readonly signal?: AbortSignal
}

/** So many threads, each with a connection of its own, and what they do. */
export interface Readers {
  readonly count: number
  readonly entry: ReaderEntry
}

/** The options with their defaults, sorted by who needs them. */
export interface Settings {
  readonly database: DatabaseOptions
  readonly schema: Schema
  readonly runtime: Runtime
  readonly logger: Logger
  readonly participant: Participant | undefined
  readonly readers: Readers | undefined
}

export function settingsOf(options: SqliteFileOptions): Settings {
  const { applicationId, what, migrations, chosenTable, readers } = options
  const cacheBytes = options.cacheBytes ?? 64 * 1024 * 1024
  return {
    database: {
      path: locate(options.path),
      durability: options.durability ?? 'full',
      cacheBytes: cacheBytes / (1 + (readers?.count ?? 0)),
      readonly: options.readonly ?? false,
    },
    schema: { applicationId, what, migrations, ...(chosenTable && { chosenTable }) },
    runtime: options.runtime ?? systemRuntime,
    logger: options.logger ?? silentLogger,
    participant: options.participant,
    readers,
  }
}

function locate(path: string): string {
  if (path === ':memory:') return path
  try {
    // SQLite keeps its -wal beside the file itself, not beside a link to it.
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

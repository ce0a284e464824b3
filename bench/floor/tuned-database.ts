import { DatabaseSync } from 'node:sqlite'
import { migrations } from '../../src/store/sqlite/schema.ts'
import { type Settings, settingNames, walPages } from '../settings.ts'

export type Durability = 'full' | 'normal'

export interface TunedDatabase {
  readonly db: DatabaseSync
  /** As SQLite reads them back. */
  readonly settings: Settings
}

/**
 * Our own tables and indexes on bare `node:sqlite`, with the settings our store runs under: what it would
 * cost to keep the same rows if nothing had to be decided about them.
 */
export function openTuned(path: string, durability: Durability): TunedDatabase {
  const db = new DatabaseSync(path, { timeout: 0 })
  db.exec(`PRAGMA cache_size = -${64 * 1024}`)
  db.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`)
  db.exec(`PRAGMA wal_autocheckpoint = ${walPages}`)
  db.exec('PRAGMA temp_store = MEMORY')
  db.exec('PRAGMA journal_mode = WAL')
  if (db.prepare('PRAGMA user_version').get()?.user_version === 0) {
    for (const sql of migrations) db.exec(sql)
    db.exec(`PRAGMA user_version = ${migrations.length}`)
  }
  return { db, settings: readBack(db) }
}

function readBack(db: DatabaseSync): Settings {
  return Object.fromEntries(
    settingNames.map((name) => [name, db.prepare(`PRAGMA ${name}`).get()?.[name]]),
  ) as Settings
}

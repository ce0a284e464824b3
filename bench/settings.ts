import { SqliteFile } from '../src/sqlite/index.ts'
import { applicationId, migrations, what } from '../src/store/sqlite/schema.ts'
import { stateApplicationId, stateMigrations, stateWhat } from '../src/store/sqlite/state/schema.ts'
import type { Durability } from './floor/tuned-database.ts'

/** What decides how fast SQLite may be. */
export const settingNames = [
  'journal_mode',
  'synchronous',
  'cache_size',
  'page_size',
  'wal_autocheckpoint',
] as const

export type Settings = Readonly<Record<(typeof settingNames)[number], string | number>>

/**
 * Pages of the WAL at which a checkpoint begins. Our stores turn SQLite's own off and begin theirs here,
 * between commits (src/sqlite/checkpoint.ts); the floor lets SQLite do it: a log that is never emptied
 * would be no floor.
 */
export const walPages = 4_000

/** The settings our stores run under, as SQLite reads them back on a connection like theirs. */
export async function settingsOfOurs(
  path: string,
  durability: Durability,
  schema = { applicationId, what, migrations },
): Promise<Settings> {
  await using file = await SqliteFile.open({ ...schema, path, durability })
  const found = file.read((db) =>
    Object.fromEntries(settingNames.map((name) => [name, db.get(`PRAGMA ${name}`)?.[name]])),
  ) as Settings
  if (found.wal_autocheckpoint !== 0) throw new Error('our stores no longer checkpoint themselves')
  return { ...found, wal_autocheckpoint: walPages }
}

/** The same of a state storage. */
export function settingsOfOurStates(path: string, durability: Durability): Promise<Settings> {
  const schema = { applicationId: stateApplicationId, what: stateWhat, migrations: stateMigrations }
  return settingsOfOurs(path, durability, schema)
}

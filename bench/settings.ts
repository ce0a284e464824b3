import { SqliteFile } from '../src/sqlite/index.ts'
import { applicationId, migrations, what } from '../src/store/sqlite/schema.ts'
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

/** The settings our stores run under, as SQLite reads them back on a connection like theirs. */
export async function settingsOfOurs(path: string, durability: Durability): Promise<Settings> {
  const schema = { applicationId, what, migrations }
  await using file = await SqliteFile.open({ ...schema, path, durability })
  return file.read((db) =>
    Object.fromEntries(settingNames.map((name) => [name, db.get(`PRAGMA ${name}`)?.[name]])),
  ) as Settings
}

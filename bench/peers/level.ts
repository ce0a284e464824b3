import type { Durability } from '../floor/tuned-database.ts'
import { type LevelDown, levelDown } from './libraries.ts'

/**
 * LevelDB for PouchDB, which never flushes by itself: at `full` each write is. `settings` tells what was
 * asked of LevelDB.
 */
export function levelAt(durability: Durability): LevelAt {
  const level = levelDown()
  let flushed = 0
  let written = 0
  const note = (options: { sync?: boolean }) => {
    const own = durability === 'full' ? { ...options, sync: true } : options
    written++
    if (own.sync) flushed++
    return own
  }
  const open = (location: string) => {
    const database = level(location)
    const batch = database._batch.bind(database)
    const put = database._put.bind(database)
    database._batch = (operations, options, done) => batch(operations, note(options), done)
    database._put = (key, value, options, done) => put(key, value, note(options), done)
    return database
  }
  const settings = () => ({
    storage: 'leveldb',
    sync: flushed === 0 ? 'never' : flushed === written ? 'each write' : `${flushed} of ${written}`,
  })
  return { db: Object.assign(open, { destroy: level.destroy }), settings }
}

export interface LevelAt {
  readonly db: LevelDown
  settings(): { readonly storage: string; readonly sync: string }
}

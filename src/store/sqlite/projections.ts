import type { ProjectionSink, SinkCommit, SinkEntry, SinkRange } from '../../contracts/index.ts'
import type { Connection, SqliteFile, SqliteValue } from '../../sqlite/index.ts'

/** A sink that knows what it holds. */
export interface SqliteProjections extends ProjectionSink {
  /** All names ever used, in the order of their first use. */
  names(signal?: AbortSignal): Promise<readonly string[]>
}

/** Read models in the log's own file: they are backed up, copied and restored with it. */
export function sqliteProjections(file: SqliteFile): SqliteProjections {
  return {
    names: (signal) =>
      file.readWhenFree((db) => {
        const rows = db.all('SELECT name FROM rejoin_projections ORDER BY key')
        return rows.map(({ name }) => name as string)
      }, signal),

    head: (name, signal) => file.readWhenFree((db) => rowOf(db, name)?.head, signal),

    get: (name, space, keys, signal) =>
      file.readWhenFree((db) => {
        const projection = rowOf(db, name)?.key
        if (projection === undefined) return keys.map(() => undefined)
        const one = db.prepare(selectOne)
        return keys.map((key) => one.get(projection, space, key)?.value as string | undefined)
      }, signal),

    list: (name, space, range, signal) =>
      file.readWhenFree((db) => {
        const projection = rowOf(db, name)?.key
        return projection === undefined ? [] : listed(db, projection, space, range)
      }, signal),

    commit: (commit, signal) => file.write((tx) => write(tx, commit), signal),
  }
}

interface HeadRow {
  readonly key: number
  readonly head: string
}

function rowOf(db: Connection, name: string): HeadRow | undefined {
  const sql = 'SELECT key, head FROM rejoin_projections WHERE name = ?'
  return db.get(sql, name) as HeadRow | undefined
}

function listed(
  db: Connection,
  projection: number,
  space: string,
  { after, before, limit, reverse = false }: SinkRange,
): readonly SinkEntry[] {
  const bounds: SqliteValue[] = []
  let where = ''
  for (const [sign, bound] of [['>', after] as const, ['<', before] as const]) {
    if (bound === undefined) continue
    where += ` AND key ${sign} ?`
    bounds.push(bound)
  }
  const sql = `SELECT key, value FROM rejoin_projected WHERE projection = ? AND space = ?${where} ORDER BY key${reverse ? ' DESC' : ''} LIMIT ?`
  return db.all(sql, projection, space, ...bounds, limit) as unknown as readonly SinkEntry[]
}

function write(tx: Connection, { name, expects, head, writes }: SinkCommit): boolean {
  const row = rowOf(tx, name)
  if (row?.head !== expects) return false
  const projection = row === undefined ? added(tx, name, head) : row.key
  if (row !== undefined)
    tx.run('UPDATE rejoin_projections SET head = ? WHERE key = ?', head, projection)
  const put = tx.prepare(upsert)
  const remove = tx.prepare(removeOne)
  for (const { space, key, value } of writes)
    if (value === null) remove.run(projection, space, key)
    else put.run(projection, space, key, value)
  return true
}

function added(tx: Connection, name: string, head: string): number {
  const sql = 'INSERT INTO rejoin_projections (name, head) VALUES (?, ?) RETURNING key'
  return tx.get(sql, name, head)?.key as number
}

const selectOne =
  'SELECT value FROM rejoin_projected WHERE projection = ? AND space = ? AND key = ?'
const upsert = `INSERT INTO rejoin_projected VALUES (?, ?, ?, ?)
  ON CONFLICT (projection, space, key) DO UPDATE SET value = excluded.value`
const removeOne = 'DELETE FROM rejoin_projected WHERE projection = ? AND space = ? AND key = ?'

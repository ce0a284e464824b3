import type { Parked } from '../../contracts/index.ts'
import type { EventId, LinkId } from '../../event/index.ts'
import type { Connection } from '../../sqlite/index.ts'
import type { Position } from '../../version/index.ts'
import type { LinkRow, ReaderRow } from '../log/index.ts'

export function link(db: Connection, id: LinkId): LinkRow | undefined {
  const sql = 'SELECT via, pulled, pushed, acknowledged, received FROM links WHERE id = ?'
  return db.get(sql, id) as LinkRow | undefined
}

export function setLink(db: Connection, id: LinkId, row: LinkRow): void {
  const { via, pulled, pushed, acknowledged, received } = row
  const sql = 'INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?, ?)'
  db.run(sql, id, via, pulled, pushed, acknowledged, received)
}

export function* links(db: Connection): Iterable<readonly [LinkId, LinkRow]> {
  const rows = db.all('SELECT id FROM links ORDER BY id')
  for (const { id } of rows) yield [id as LinkId, link(db, id as LinkId) as LinkRow]
}

export function reader(db: Connection, id: LinkId): ReaderRow | undefined {
  const row = db.getBig('SELECT up_to, heard FROM rejoin_readers WHERE id = ?', id)
  return row && { upTo: row.up_to as Position, heard: Number(row.heard) }
}

export function setReader(db: Connection, id: LinkId, { upTo, heard }: ReaderRow): void {
  db.run('INSERT OR REPLACE INTO rejoin_readers VALUES (?, ?, ?)', id, upTo, heard)
}

export function readers(db: Connection): readonly (readonly [LinkId, ReaderRow])[] {
  const rows = db.all('SELECT id FROM rejoin_readers ORDER BY id')
  return rows.map(({ id }) => [id as LinkId, reader(db, id as LinkId) as ReaderRow])
}

export function parked(db: Connection, id: LinkId): readonly Parked[] {
  const sql = 'SELECT id, reason, message FROM parked WHERE link = ? ORDER BY number'
  return db.all(sql, id) as unknown as readonly Parked[]
}

export function park(db: Connection, link: LinkId, parked: readonly Parked[]): void {
  const sql = `INSERT INTO parked (link, id, reason, message) VALUES (?, ?, ?, ?)
    ON CONFLICT (link, id) DO UPDATE SET reason = excluded.reason, message = excluded.message`
  for (const { id, reason, message } of parked) db.run(sql, link, id, reason, message)
}

export function unpark(db: Connection, link: LinkId, ids: readonly EventId[]): void {
  for (const id of ids) db.run('DELETE FROM parked WHERE link = ? AND id = ?', link, id)
}

import { quoted } from '../../sqlite/chosen-table.ts'
import { idColumn, parentsColumn } from './keys.ts'

/** Every statement over the table of events, which may have any name; made once a connection. */
export interface EventSql {
  readonly insert: string
  readonly remove: string
  readonly byId: string
  readonly stampOf: string
  readonly lastOfAggregate: string
  readonly atSequence: string
  readonly countAfter: string
  /** An origin by its key or its name, with its greatest sequence. */
  readonly origin: { readonly key: string; readonly name: string }
  scan(of: { readonly aggregate: boolean; readonly notVia: boolean }): string
}

export function eventSql(table: string): EventSql {
  const events = quoted(table)
  const scans = [false, true].map((aggregate) =>
    [false, true].map((notVia) => scanSql(events, aggregate, notVia)),
  )
  return {
    insert: `INSERT INTO ${events} VALUES (${Array(14).fill('?')}) ON CONFLICT (id) DO NOTHING`,
    remove: `DELETE FROM ${events} WHERE position = ?`,
    byId: `SELECT ${columns} FROM ${events} WHERE id = ?`,
    stampOf: `SELECT stamp FROM ${events} WHERE id = ?`,
    lastOfAggregate: `SELECT ${idColumn}, stamp FROM ${events} WHERE aggregate = ? ORDER BY position DESC LIMIT 1`,
    atSequence: `SELECT ${idColumn} FROM ${events} WHERE origin = ? AND sequence = ?`,
    countAfter: `SELECT count(*) AS count FROM ${events} WHERE position > ? AND via IS NOT ?`,
    origin: { key: originSql(events, 'key'), name: originSql(events, 'name') },
    scan: ({ aggregate, notVia }) => scans[Number(aggregate)]?.[Number(notVia)] as string,
  }
}

/** After, until, the aggregate, the link, count: those of them it has. */
function scanSql(events: string, aggregate: boolean, notVia: boolean): string {
  const ofAggregate = aggregate ? ' AND aggregate = ?' : ''
  const ofOthers = notVia ? ' AND via IS NOT ?' : ''
  const where = `position > ? AND position <= ?${ofAggregate}${ofOthers}`
  return `SELECT ${columns} FROM ${events} WHERE ${where} ORDER BY position LIMIT ?`
}

function originSql(events: string, by: string): string {
  const last = `(SELECT max(sequence) FROM ${events} WHERE origin = origins.key)`
  return `SELECT key, name, max(highest, ifnull(${last}, 0)) AS highest FROM origins WHERE ${by} = ?`
}

/** What `Rows` reads. */
const columns = `position, ${idColumn}, aggregate, type, origin, sequence, stamp, ${parentsColumn}, schema, hash, metadata, data, via, stub`

import type { Parked } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { EventId, LinkId, LogEvent, NodeId, Origin } from '../../event/index.ts'
import type { Connection, SqliteValue } from '../../sqlite/index.ts'
import type { LineageMark, Position } from '../../version/index.ts'
import type { Head, LinkRow, LogMeta, LogTables, Row, ScanRange } from '../log/index.ts'
import { Aggregates } from './aggregates.ts'
import { type EventSql, eventSql } from './event-sql.ts'
import { idKey, idOf } from './keys.ts'
import { Marks } from './marks.ts'
import { Origins } from './origins.ts'
import { Orphans } from './orphans.ts'
import { Rows } from './rows.ts'
import { Types } from './types.ts'

/**
 * A log's tables in SQLite, within the transaction given to `use`. What is asked often is cached; the
 * caller says when another connection has committed and when a transaction came to nothing.
 */
export class SqliteTables implements LogTables {
  readonly #sql: EventSql
  readonly #aggregates: Aggregates
  readonly #types = new Types()
  readonly #origins: Origins
  readonly #rows: Rows
  readonly #marks = new Marks()
  readonly #orphans = new Orphans()
  #meta: LogMeta | undefined
  #stored = ''
  #db: Connection | undefined

  /** `table`: what the table of events is called. */
  constructor(table: string) {
    this.#sql = eventSql(table)
    this.#aggregates = new Aggregates(this.#sql)
    this.#origins = new Origins(this.#sql)
    this.#rows = new Rows(this.#sql, this.#aggregates, this.#types, this.#origins)
  }

  /** All that follows happens in this transaction. */
  use(db: Connection): void {
    this.#db = db
    this.#aggregates.trim()
  }

  /** Another connection may have changed anything. */
  forget(): void {
    this.#aggregates.forget()
    this.#types.forget()
    this.#origins.forget()
    this.#marks.forget()
    this.#orphans.forget()
    this.#meta = undefined
  }

  /** A log without its first row is new. */
  get isNew(): boolean {
    return this.#db?.get('SELECT 1 FROM log') === undefined
  }

  create(meta: LogMeta): void {
    this.#connection.run(
      'INSERT INTO log VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...metaValues(meta),
    )
  }

  /** Writes back what the transaction changed beside rows. */
  write(): void {
    const db = this.#connection
    this.#aggregates.write(db)
    const values = metaValues(this.meta)
    const stored = values.join(' ')
    if (stored === this.#stored) return
    db.run(
      'UPDATE log SET node = ?, origin = ?, sequence = ?, position = ?, clock = ?, events = ?, moved = ?, clashes = ?, vias = ?',
      ...values,
    )
    this.#stored = stored
  }

  get meta(): LogMeta {
    if (this.#meta !== undefined) return this.#meta
    const row = this.#connection.getBig('SELECT * FROM log')
    if (row === undefined) throw noIdentity()
    this.#meta = {
      node: row.node as NodeId,
      origin: row.origin as Origin,
      sequence: row.sequence as bigint,
      position: row.position as Position,
      clock: row.clock as bigint,
      events: row.events as bigint,
      moved: row.moved as bigint,
      clashes: row.clashes as bigint,
      vias: Number(row.vias),
    }
    this.#stored = metaValues(this.#meta).join(' ')
    return this.#meta
  }

  row(id: EventId): Row | undefined {
    const db = this.#connection
    const row = db.getBig(this.#sql.byId, idKey(id))
    return row && this.#rows.read(db, row)
  }

  add(row: Row): boolean {
    const db = this.#connection
    const { event } = row
    // A known id must not leave the new aggregate it claims behind.
    if (this.#aggregates.find(db, event.aggregateId) === undefined && this.row(event.id))
      return false
    const aggregate = this.#aggregates.findOrNew(db, event.aggregateId)
    if (!this.#rows.insert(db, row, aggregate.key)) return false
    aggregate.last = event.id
    this.#aggregates.touch(aggregate)
    this.#noteOrigin(db, event)
    return true
  }

  move(old: Row, row: Row): void {
    const db = this.#connection
    // Its heads may have to be read off the very row that goes.
    const aggregate = this.#aggregates.findOrNew(db, row.event.aggregateId)
    db.run(this.#sql.remove, old.position)
    this.#rows.insert(db, row, aggregate.key)
    aggregate.last = row.event.id
    this.#aggregates.touch(aggregate)
    this.#noteOrigin(db, row.event)
  }

  *scan(range: ScanRange): Iterable<Row> {
    const db = this.#connection
    const params = this.#scanned(db, range)
    if (params === undefined) return
    const sql = this.#sql.scan({
      aggregate: range.aggregateId !== undefined,
      notVia: range.notVia !== undefined,
    })
    let { after } = range
    for (let left = range.count; left > 0; ) {
      const count = Math.min(left, chunk)
      const rows = db.prepare(sql, { bigint: true }).all(after, range.until, ...params, count)
      for (const row of rows) yield this.#rows.read(db, row)
      if (rows.length < count) return
      left -= count
      after = rows.at(-1)?.position as Position
    }
  }

  count({ after, notVia }: { readonly after: Position; readonly notVia: number }): bigint {
    return this.#connection.getBig(this.#sql.countAfter, after, notVia)?.count as bigint
  }

  heads(aggregateId: string): readonly Head[] {
    return this.#aggregates.find(this.#connection, aggregateId)?.heads ?? noHeads
  }

  setHeads(aggregateId: string, heads: readonly Head[]): void {
    const aggregate = this.#aggregates.findOrNew(this.#connection, aggregateId)
    aggregate.heads = heads
    this.#aggregates.touch(aggregate)
  }

  orphansOf(parent: EventId): readonly LogEvent[] {
    return this.#orphans.of(this.#connection, parent)
  }

  keepOrphan(orphan: LogEvent, parent: EventId): void {
    this.#orphans.keep(this.#connection, orphan, parent)
  }

  dropOrphan(id: EventId): void {
    this.#orphans.drop(this.#connection, id)
  }

  highest(origin: Origin): bigint {
    return this.#origins.find(this.#connection, origin)?.highest ?? 0n
  }

  at(origin: Origin, sequence: bigint): readonly EventId[] {
    const db = this.#connection
    const key = this.#origins.find(db, origin)?.key
    if (key === undefined) return []
    return db.allBig(this.#sql.atSequence, key, sequence).map((row) => idOf(row.id as string))
  }

  get marks(): readonly LineageMark[] {
    return this.#marks.all(this.#connection)
  }

  hasMark(mark: string): boolean {
    return this.#marks.has(this.#connection, mark)
  }

  addMark(mark: LineageMark): void {
    this.#marks.add(this.#connection, mark)
  }

  link(id: LinkId): LinkRow | undefined {
    const sql = 'SELECT via, pulled, pushed, acknowledged, received FROM links WHERE id = ?'
    return this.#connection.get(sql, id) as LinkRow | undefined
  }

  setLink(id: LinkId, row: LinkRow): void {
    const { via, pulled, pushed, acknowledged, received } = row
    const sql = 'INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?, ?)'
    this.#connection.run(sql, id, via, pulled, pushed, acknowledged, received)
  }

  *links(): Iterable<readonly [LinkId, LinkRow]> {
    const rows = this.#connection.all('SELECT id FROM links ORDER BY id')
    for (const { id } of rows) yield [id as LinkId, this.link(id as LinkId) as LinkRow]
  }

  parked(id: LinkId): readonly Parked[] {
    const sql = 'SELECT id, reason, message FROM parked WHERE link = ? ORDER BY number'
    return this.#connection.all(sql, id) as unknown as readonly Parked[]
  }

  park(link: LinkId, parked: readonly Parked[]): void {
    const sql = `INSERT INTO parked (link, id, reason, message) VALUES (?, ?, ?, ?)
      ON CONFLICT (link, id) DO UPDATE SET reason = excluded.reason, message = excluded.message`
    for (const { id, reason, message } of parked)
      this.#connection.run(sql, link, id, reason, message)
  }

  unpark(link: LinkId, ids: readonly EventId[]): void {
    for (const id of ids)
      this.#connection.run('DELETE FROM parked WHERE link = ? AND id = ?', link, id)
  }

  aggregates(): bigint {
    return this.#connection.getBig('SELECT count(*) AS count FROM aggregates')?.count as bigint
  }

  /** What a scan is bound to beside positions; `undefined` when its aggregate is unknown. */
  #scanned(db: Connection, { aggregateId, notVia }: ScanRange): SqliteValue[] | undefined {
    const params: SqliteValue[] = []
    if (aggregateId !== undefined) {
      const aggregate = this.#aggregates.find(db, aggregateId)
      if (aggregate === undefined) return undefined
      params.push(aggregate.key)
    }
    if (notVia !== undefined) params.push(notVia)
    return params
  }

  #noteOrigin(db: Connection, event: Row['event']): void {
    if (event.origin === null) return
    const origin = this.#origins.findOrNew(db, event.origin)
    if (event.sequence > origin.highest) origin.highest = event.sequence
  }

  get #connection(): Connection {
    return this.#db as Connection
  }
}

/** Its maker was killed between making the file and the first commit. */
function noIdentity(): RejoinError {
  return new RejoinError(
    'storage_damaged',
    'the log has no identity yet: open it for writing once',
    {
      operation: 'read',
      component: 'store/sqlite',
    },
  )
}

function metaValues(meta: LogMeta): readonly SqliteValue[] {
  const { node, origin, sequence, position, clock, events, moved, clashes, vias } = meta
  return [node, origin, sequence, position, clock, events, moved, clashes, vias]
}

const noHeads: readonly Head[] = []
/** Rows read at once: enough to make the query's own cost small, few enough for large payloads. */
const chunk = 64

import type { Parked } from '../../contracts/index.ts'
import type { EventId, LinkId, LogEvent, Origin } from '../../event/index.ts'
import type { Connection, SqliteValue } from '../../sqlite/index.ts'
import type { LineageMark, Position } from '../../version/index.ts'
import type {
  FirstPlace,
  Head,
  KeptOrphan,
  LinkRow,
  LogMeta,
  LogTables,
  ReaderRow,
  Row,
  ScanRange,
} from '../log/index.ts'
import { Aggregates } from './aggregates.ts'
import { type EventSql, eventSql } from './event-sql.ts'
import { FirstPlaces } from './first-places.ts'
import { idKey, idOf } from './keys.ts'
import * as links from './links.ts'
import { Marks } from './marks.ts'
import { addMeta, readMeta, textOf, writeMeta } from './meta.ts'
import { Origins } from './origins.ts'
import { Orphans } from './orphans.ts'
import { type Columns, Rows } from './rows.ts'
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
  readonly #firstPlaces = new FirstPlaces()
  #meta: LogMeta | undefined
  #stored = ''
  #db: Connection | undefined
  #hasErased = false

  /** `table`: what the table of events is called. */
  constructor(table: string) {
    this.#sql = eventSql(table)
    this.#aggregates = new Aggregates(this.#sql)
    this.#origins = new Origins(this.#sql)
    this.#rows = new Rows(this.#sql, this.#aggregates, this.#types, this.#origins)
  }

  /** Whether anything was erased since the last call, in a transaction that came to something or not. */
  takeErased(): boolean {
    const had = this.#hasErased
    this.#hasErased = false
    return had
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
    this.#firstPlaces.forget()
    this.#meta = undefined
  }

  /** A log without its first row is new. */
  get isNew(): boolean {
    return this.#meta === undefined && this.#db?.get('SELECT 1 FROM log') === undefined
  }

  create(meta: LogMeta): void {
    addMeta(this.#connection, meta)
  }

  /** Writes back what the transaction changed beside rows. */
  write(): void {
    const db = this.#connection
    this.#aggregates.write(db)
    const stored = textOf(this.meta)
    if (stored === this.#stored) return
    writeMeta(db, this.meta)
    this.#stored = stored
  }

  get meta(): LogMeta {
    if (this.#meta !== undefined) return this.#meta
    this.#meta = readMeta(this.#connection)
    this.#stored = textOf(this.#meta)
    return this.#meta
  }

  row(id: EventId): Row | undefined {
    const db = this.#connection
    const row = db.prepareLists(this.#sql.byId).get(idKey(id))
    return row && this.#rows.read(db, row as unknown as Columns)
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
    if (row.event.stub === 'erased') this.#hasErased = true
    // Its heads may have to be read off the very row that goes.
    const aggregate = this.#aggregates.findOrNew(db, row.event.aggregateId)
    db.run(this.#sql.remove, old.position)
    this.#rows.insert(db, row, aggregate.key)
    aggregate.last = row.event.id
    this.#aggregates.touch(aggregate)
    this.#noteOrigin(db, row.event)
  }

  /** Not an update: only what is removed lets pages that have become nearly empty be joined and used again. */
  replace({ position, via }: Row, event: LogEvent): void {
    const db = this.#connection
    const aggregate = this.#aggregates.findOrNew(db, event.aggregateId)
    db.run(this.#sql.remove, position)
    this.#rows.insert(db, { position, via, event }, aggregate.key)
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
      const all = db.prepareLists(sql).all(after, range.until, ...params, count)
      const rows = all as unknown as readonly Columns[]
      for (const row of rows) yield this.#rows.read(db, row)
      if (rows.length < count) return
      left -= count
      after = rows.at(-1)?.[0] as Position
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

  orphan(id: EventId): KeptOrphan | undefined {
    return this.#orphans.get(this.#connection, id)
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

  firstPlace(id: EventId): Position | undefined {
    return this.#firstPlaces.of(this.#connection, id)
  }

  firstPlaces(range: Pick<ScanRange, 'after' | 'until'>): Iterable<FirstPlace> {
    return this.#firstPlaces.scan(this.#connection, range)
  }

  keepFirstPlace(place: FirstPlace): void {
    this.#firstPlaces.keep(this.#connection, place)
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
    return links.link(this.#connection, id)
  }

  setLink(id: LinkId, row: LinkRow): void {
    links.setLink(this.#connection, id, row)
  }

  links(): Iterable<readonly [LinkId, LinkRow]> {
    return links.links(this.#connection)
  }

  parked(id: LinkId): readonly Parked[] {
    return links.parked(this.#connection, id)
  }

  park(link: LinkId, parked: readonly Parked[]): void {
    links.park(this.#connection, link, parked)
  }

  unpark(link: LinkId, ids: readonly EventId[]): void {
    links.unpark(this.#connection, link, ids)
  }

  reader(id: LinkId): ReaderRow | undefined {
    return links.reader(this.#connection, id)
  }

  setReader(id: LinkId, row: ReaderRow): void {
    links.setReader(this.#connection, id, row)
  }

  readers(): Iterable<readonly [LinkId, ReaderRow]> {
    return links.readers(this.#connection)
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

const noHeads: readonly Head[] = []
/** Rows read at once: enough to make the query's own cost small, few enough for large payloads. */
const chunk = 64

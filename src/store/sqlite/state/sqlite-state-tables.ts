import {
  fixedPrefix,
  type LateWrite,
  matchesPattern,
  type PathRange,
} from '../../../contracts/index.ts'
import type { EventId, LinkId } from '../../../event/index.ts'
import type { Connection, Row as SqlRow } from '../../../sqlite/index.ts'
import type { LineageMark, Position } from '../../../version/index.ts'
import type { LinkRow, ReaderRow } from '../../log/index.ts'
import {
  afterAll,
  type FeedEnd,
  type Row,
  type StateMeta,
  type StateTables,
} from '../../state/index.ts'
import * as links from '../links.ts'
import { Marks } from '../marks.ts'
import { addStateMeta, readStateMeta, stateMetaText, writeStateMeta } from './state-meta.ts'

/** A state storage's tables in SQLite, within the transaction given to `use`. */
export class SqliteStateTables implements StateTables {
  readonly #marks = new Marks()
  #meta: StateMeta | undefined
  #stored = ''
  #connection: Connection | undefined
  /** Where rows are that `times` has found in this transaction: there they are written a fifth faster than by path. */
  readonly #keys = new Map<string, bigint>()

  /** All that follows happens in this transaction. */
  use(db: Connection): void {
    this.#connection = db
    this.#keys.clear()
  }

  /** Another connection may have changed anything, or a transaction came to nothing. */
  forget(): void {
    this.#marks.forget()
    this.#meta = undefined
  }

  get isNew(): boolean {
    return this.#meta === undefined && this.#db.get('SELECT 1 FROM rejoin_state') === undefined
  }

  create(meta: StateMeta): void {
    addStateMeta(this.#db, meta)
  }

  /** Writes back what is dirty. */
  write(): void {
    const text = stateMetaText(this.meta)
    if (text === this.#stored) return
    writeStateMeta(this.#db, this.meta)
    this.#stored = text
  }

  get meta(): StateMeta {
    if (this.#meta === undefined) {
      this.#meta = readStateMeta(this.#db)
      this.#stored = stateMetaText(this.#meta)
    }
    return this.#meta
  }

  row(path: string): Row | undefined {
    const row = this.#db.getBig(`${select} WHERE path = ?`, path)
    return row && rowOf(row)
  }

  /** One statement for all of them: half of what as many statements take. */
  times(paths: readonly string[]): ReadonlyMap<string, bigint> {
    const times = new Map<string, bigint>()
    const found = this.#db.prepareLists(selectTimes).all(JSON.stringify(paths))
    for (const [at, time, key] of found as (readonly bigint[])[]) {
      const path = paths[Number(at)] as string
      times.set(path, time as bigint)
      this.#keys.set(path, key as bigint)
    }
    return times
  }

  put({ position, path, created, updated, dataText, note, via }: Row): void {
    const key = this.#keys.get(path)
    if (key === undefined)
      this.#db.run(upsert, path, position, created, updated, dataText, note, via)
    else this.#db.run(update, position, created, updated, dataText, note, via, key)
  }

  drop({ path, position }: Row): void {
    this.#keys.delete(path)
    this.#db.run('DELETE FROM rejoin_rows WHERE position = ?', position)
  }

  /** In slices, so that no statement stays open while rows are looked at. */
  *scan(after: Position): Iterable<Row> {
    let from: Position = after
    for (;;) {
      const sql = `${select} WHERE position > ? ORDER BY position LIMIT ${slice}`
      const rows = this.#db.allBig(sql, from)
      for (const row of rows) yield rowOf(row)
      if (rows.length < slice) return
      from = rows.at(-1)?.position as Position
    }
  }

  living(pattern?: string): readonly Row[] {
    if (pattern === undefined) return this.#db.allBig(`${select} WHERE data IS NOT NULL`).map(rowOf)
    return this.#matching(pattern, `${select} WHERE data IS NOT NULL AND`)
  }

  paths({ prefix, skip, limit }: Required<PathRange>) {
    const range = [prefix, `${prefix}${afterAll}`] as const
    const those = 'FROM rejoin_rows WHERE data IS NOT NULL AND path >= ? AND path < ?'
    const sql = `SELECT path ${those} ORDER BY path LIMIT ? OFFSET ?`
    const rows = this.#db.all(sql, ...range, limit, skip)
    const count = this.#db.get(`SELECT count(*) AS count ${those}`, ...range)
    return { paths: rows.map(({ path }) => path as string), total: count?.count as number }
  }

  latest(pattern: string): Position {
    let latest = 0n as Position
    for (const { position } of this.#matching(
      pattern,
      "SELECT position, path, created, updated, '' AS data, note, via FROM rejoin_rows WHERE",
    ))
      if (position > latest) latest = position
    return latest
  }

  tombstones(before: bigint, upTo: Position, count: number): readonly Row[] {
    const sql = `${select} WHERE data IS NULL AND updated < ? AND position <= ?
      ORDER BY position LIMIT ?`
    return this.#db.allBig(sql, before, upTo, count).map(rowOf)
  }

  collected(list: string): bigint {
    const row = this.#db.getBig('SELECT time FROM rejoin_collected WHERE list = ?', list)
    return (row?.time as bigint | undefined) ?? 0n
  }

  setCollected(list: string, time: bigint): void {
    this.#db.run('INSERT OR REPLACE INTO rejoin_collected VALUES (?, ?)', list, time)
  }

  collectedLists(): readonly string[] {
    return this.#db.all('SELECT list FROM rejoin_collected').map(({ list }) => list as string)
  }

  keepLate({ position, change, via, at }: LateWrite): void {
    const { path, created, updated, dataText, note } = change
    const sql = 'INSERT OR REPLACE INTO rejoin_late VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
    this.#db.run(sql, position, path, created, updated, dataText, note, via, at)
  }

  late(after: Position, count: number): readonly LateWrite[] {
    const sql = 'SELECT * FROM rejoin_late WHERE position > ? ORDER BY position LIMIT ?'
    return this.#db.allBig(sql, after, count).map(lateOf)
  }

  lateCount(): bigint {
    return this.#db.getBig('SELECT count(*) AS count FROM rejoin_late')?.count as bigint
  }

  forgetLate(position: Position): boolean {
    if (this.#db.getBig('SELECT 1 FROM rejoin_late WHERE position = ?', position) === undefined)
      return false
    this.#db.run('DELETE FROM rejoin_late WHERE position = ?', position)
    return true
  }

  get ends(): readonly FeedEnd[] {
    const rows = this.#db.allBig('SELECT at, position FROM rejoin_ends ORDER BY at')
    return rows.map(({ at, position }) => ({ at: Number(at), position: position as Position }))
  }

  setEnds(ends: readonly FeedEnd[]): void {
    this.#db.run('DELETE FROM rejoin_ends')
    for (const { at, position } of ends)
      this.#db.run('INSERT INTO rejoin_ends VALUES (?, ?)', at, position)
  }

  count() {
    const row = this.#db.getBig(
      'SELECT count(*) AS tombstones, (SELECT count(*) FROM rejoin_rows) AS rows FROM rejoin_rows WHERE data IS NULL',
    )
    const tombstones = row?.tombstones as bigint
    return { objects: (row?.rows as bigint) - tombstones, tombstones }
  }

  /** Changes of state have no sequence. */
  highest(): bigint {
    return 0n
  }

  at(): readonly EventId[] {
    return []
  }

  get marks(): readonly LineageMark[] {
    return this.#marks.all(this.#db)
  }

  hasMark(mark: string): boolean {
    return this.#marks.has(this.#db, mark)
  }

  addMark(mark: LineageMark): void {
    this.#marks.add(this.#db, mark)
  }

  setMarks(marks: readonly LineageMark[]): void {
    this.#marks.set(this.#db, marks)
  }

  link(id: LinkId): LinkRow | undefined {
    return links.link(this.#db, id)
  }

  setLink(id: LinkId, row: LinkRow): void {
    links.setLink(this.#db, id, row)
  }

  links(): Iterable<readonly [LinkId, LinkRow]> {
    return links.links(this.#db)
  }

  reader(id: LinkId): ReaderRow | undefined {
    return links.reader(this.#db, id)
  }

  setReader(id: LinkId, row: ReaderRow): void {
    links.setReader(this.#db, id, row)
  }

  readers(): Iterable<readonly [LinkId, ReaderRow]> {
    return links.readers(this.#db)
  }

  parked(id: LinkId) {
    return links.parked(this.#db, id)
  }

  park(id: LinkId, parked: Parameters<StateTables['park']>[1]): void {
    links.park(this.#db, id, parked)
  }

  unpark(id: LinkId, ids: readonly EventId[]): void {
    links.unpark(this.#db, id, ids)
  }

  get #db(): Connection {
    return this.#connection as Connection
  }

  /** A range of the index on paths, and of what is in it the paths that match. */
  #matching(pattern: string, selectWhere: string): readonly Row[] {
    if (!pattern.includes('*'))
      return this.#db.allBig(`${selectWhere} path = ?`, pattern).map(rowOf)
    const prefix = fixedPrefix(pattern)
    const range = [prefix, `${prefix}${afterAll}`] as const
    const rows = this.#db.allBig(`${selectWhere} path >= ? AND path < ?`, ...range)
    return rows.map(rowOf).filter(({ path }) => matchesPattern(pattern, path))
  }
}

const slice = 1_000
const upsert = `INSERT INTO rejoin_rows (path, position, created, updated, data, note, via)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET position = excluded.position,
  created = excluded.created, updated = excluded.updated, data = excluded.data, note = excluded.note,
  via = excluded.via`
const update = `UPDATE rejoin_rows SET position = ?, created = ?, updated = ?, data = ?, note = ?, via = ?
  WHERE key = ?`
const selectTimes = `SELECT given.key, max(created, updated), rejoin_rows.key FROM json_each(?) AS given
  CROSS JOIN rejoin_rows ON rejoin_rows.path = given.value`
const select = 'SELECT position, path, created, updated, data, note, via FROM rejoin_rows'

function rowOf({ position, path, created, updated, data, note, via }: SqlRow): Row {
  return {
    position: position as Position,
    path: path as string,
    created: created as bigint,
    updated: updated as bigint,
    dataText: data as string | null,
    note: note as string,
    via: via === null ? null : Number(via),
  }
}

function lateOf({ position, path, created, updated, data, note, via, at }: SqlRow): LateWrite {
  return {
    position: position as Position,
    change: {
      path: path as string,
      created: created as bigint,
      updated: updated as bigint,
      dataText: data as string,
      note: note as string,
    },
    via: via as LinkId,
    at: Number(at),
  }
}

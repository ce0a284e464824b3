import { rmSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { EventLine } from './event-line.ts'

/**
 * The checked input of one append, in a file of its own beside the store: larger than memory if need be,
 * each id once, and there after a crash. Whoever works on it holds its lock, which ends with the process:
 * so a spool without a holder was left by an append that was cut short.
 *
 *     create ──▶ add … add ──▶ seal ──▶ chunks ──▶ remove
 *                  │ crash       │ crash: nothing is lost, the same events with the same ids go on
 *                  ▼             ▼
 *               nothing was    adopt ──▶ chunks ──▶ remove
 *               stored yet
 */
export class Spool {
  readonly path: string
  readonly #db: DatabaseSync
  readonly #insert: StatementSync
  #added = 0

  private constructor(path: string, db: DatabaseSync) {
    this.path = path
    this.#db = db
    this.#insert = db.prepare('INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  }

  static create(path: string): Spool {
    const db = new DatabaseSync(path, { timeout: 100 })
    db.exec(settings)
    db.exec(`PRAGMA application_id = ${applicationId}`)
    db.exec(schema)
    db.exec('BEGIN IMMEDIATE')
    return new Spool(path, db)
  }

  /**
   * Takes over a sealed spool. `busy`: its append is at work. `unsealed`: its append was cut short before
   * anything was stored. `foreign`: it is something else.
   */
  static adopt(path: string): Spool | 'busy' | 'unsealed' | 'foreign' {
    // Somebody may be having a short look, as we do; an append at work holds it for longer.
    const db = new DatabaseSync(path, { timeout: 100 })
    try {
      db.exec(settings)
      const { application_id: id } = db.prepare('PRAGMA application_id').get() ?? {}
      if (id !== applicationId) return closed(db, 'foreign')
      return digestIn(db) === undefined ? closed(db, 'unsealed') : new Spool(path, db)
    } catch (error) {
      const { errcode } = error as { errcode?: number }
      return closed(db, errcode === sqliteBusy ? 'busy' : 'unsealed')
    }
  }

  /** Of the input it was made from. */
  get digest(): string | undefined {
    return digestIn(this.#db)
  }

  get events(): number {
    return Number(this.#db.prepare('SELECT count(*) AS n FROM event').get()?.n)
  }

  /** Answers with the line that has this id already. */
  add(event: EventLine): EventLine | undefined {
    const { line, id, givenId, type, aggregateId, schemaVersion, metadataText, dataText } = event
    const row = [
      line,
      id,
      Number(givenId),
      type,
      aggregateId,
      schemaVersion,
      metadataText,
      dataText,
    ]
    if (this.#insert.run(...row).changes === 0) return this.find(id)
    // Smaller transactions keep SQLite from holding more and more changed pages in memory.
    if (++this.#added % rowsPerCommit === 0) this.#db.exec('COMMIT; BEGIN IMMEDIATE')
    return undefined
  }

  /** From here on the spool is complete and survives a power loss. */
  seal(digest: string): void {
    // The first commit flushes all that was written before; only then may the mark follow.
    this.#db.exec('COMMIT; PRAGMA synchronous = FULL; PRAGMA user_version = 1')
    this.#db.prepare('INSERT INTO input VALUES (?)').run(digest)
  }

  find(id: string): EventLine | undefined {
    const row = this.#db.prepare('SELECT * FROM event WHERE id = ?').get(id)
    return row && fromRow(row as unknown as Row)
  }

  /**
   * The ids in the order of the input, of all events or of those whose lines gave one. What the events carry is
   * not read, but heeded: so many ids at a time that their events would make a chunk of at most this size.
   */
  *ids(which: 'all' | 'given', most: ChunkSize): Generator<readonly string[], void> {
    const rows = this.#db.prepare(idsAndSizes).iterate(which === 'given' ? 1 : 0)
    const pairs = rows as Iterable<unknown> as Iterable<{
      readonly id: string
      readonly bytes: number
    }>
    for (const chunk of chunked(pairs, ({ bytes }) => bytes, most)) yield chunk.map(({ id }) => id)
  }

  /** The events in the order of the input, in chunks of at most this many and about this many bytes. */
  *chunks(most: ChunkSize): Generator<readonly EventLine[], void> {
    const rows = this.#db.prepare('SELECT * FROM event ORDER BY line').iterate()
    yield* chunked(eventsIn(rows), sizeOf, most)
  }

  /** Lets go of it; it stays where it is. */
  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  remove(): void {
    this.close()
    rmSync(this.path, { force: true })
  }
}

export interface ChunkSize {
  readonly events: number
  readonly bytes: number
}

interface Row {
  readonly line: number
  readonly id: string
  readonly given: number
  readonly type: string
  readonly aggregate: string
  readonly schema: number
  readonly metadata: string
  readonly data: string
}

function* eventsIn(rows: Iterable<unknown>): Generator<EventLine, void> {
  for (const row of rows) yield fromRow(row as Row)
}

function sizeOf({ dataText, metadataText }: EventLine): number {
  return dataText.length + metadataText.length
}

function* chunked<T>(
  all: Iterable<T>,
  bytesOf: (one: T) => number,
  most: ChunkSize,
): Generator<readonly T[], void> {
  let chunk: T[] = []
  let bytes = 0
  for (const one of all) {
    const weight = bytesOf(one)
    if (chunk.length > 0 && (chunk.length >= most.events || bytes + weight > most.bytes)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(one)
    bytes += weight
  }
  if (chunk.length > 0) yield chunk
}

function fromRow(row: Row): EventLine {
  return {
    line: row.line,
    id: row.id,
    givenId: row.given === 1,
    type: row.type,
    aggregateId: row.aggregate,
    schemaVersion: row.schema,
    metadataText: row.metadata,
    dataText: row.data,
  }
}

function digestIn(db: DatabaseSync): string | undefined {
  return db.prepare('SELECT digest FROM input').get()?.digest as string | undefined
}

function closed<T>(db: DatabaseSync, answer: T): T {
  db.close()
  return answer
}

// In exclusive mode a lock once taken is kept. No journal to leave behind: a spool that is not sealed is
// thrown away, a sealed one only read.
const settings = `
  PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
  BEGIN EXCLUSIVE; COMMIT;`
const applicationId = 0x52_6a_53_70
const sqliteBusy = 5
const rowsPerCommit = 20_000
// The length in bytes is known from a row's beginning: the pages of a long text stay unread.
const idsAndSizes = `
  SELECT id, octet_length(data) + octet_length(metadata) AS bytes FROM event WHERE given >= ? ORDER BY line`
const schema = `
  CREATE TABLE event (
    line INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, given INTEGER NOT NULL, type TEXT NOT NULL,
    aggregate TEXT NOT NULL, schema INTEGER NOT NULL, metadata TEXT NOT NULL, data TEXT NOT NULL);
  CREATE TABLE input (digest TEXT NOT NULL);`

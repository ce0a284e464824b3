import { RejoinError } from '../../errors/index.ts'
import { contentHash, type EventId, type LinkId } from '../../event/index.ts'
import { silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { integrityCheck } from '../../sqlite/index.ts'
import { holds, type Position, parseCursor, start } from '../../version/index.ts'
import { type LinkRow, type LogContext, type LogTables, lineageOf, type Row } from '../log/index.ts'
import { SqliteEngine } from './sqlite-engine.ts'

/** What a full reading of a log found. */
export interface VerifyReport {
  readonly events: number
  /** Empty for a sound log; at most 1,000. */
  readonly problems: readonly VerifyProblem[]
}

export interface VerifyProblem {
  /** An event id, an aggregate, a link, or the file. */
  readonly where: string
  readonly what: string
}

export interface VerifyOptions {
  /** Events read so far, and how many there are. */
  readonly onProgress?: (read: number, total: number) => void
  readonly signal?: AbortSignal
  readonly runtime?: Runtime
}

/**
 * Reads a whole log again and changes nothing: SQLite's own integrity, every content hash, causality
 * (parents are here, in the same aggregate, and stamped lower), heads, sequences, counters, and that the
 * cursors of its links lie within its own history. May run while others write.
 */
export async function verifyStore(
  path: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const { runtime = systemRuntime, signal } = options
  const problems: VerifyProblem[] = []
  const note = (where: string, what: string): void => {
    if (problems.length < mostProblems) problems.push({ where, what })
  }
  const engine = await SqliteEngine.open({
    path,
    readonly: true,
    runtime,
    logger: silentLogger,
    ...(signal === undefined ? {} : { signal }),
  })
  let events = 0
  const onProgress = (read: number, total: number): void => {
    events = read
    options.onProgress?.(read, total)
  }
  try {
    for (const problem of await integrityCheck(path, signal)) note('file', problem)
    await readAll(engine, note, { ...options, onProgress })
    await engine.read(({ tables }) => {
      checkCounters(tables, note)
      checkLinks(tables, note)
    }, signal)
  } catch (error) {
    // A page that can't be read ends the reading; it is a finding, not a failure.
    if (!(error instanceof RejoinError) || error.code !== 'storage_damaged') throw error
    note('file', error.message)
  } finally {
    await engine.close()
  }
  return { events, problems }
}

type Note = (where: string, what: string) => void

/** In slices, so that neither this process nor those that write wait for long. */
async function readAll(engine: SqliteEngine, note: Note, options: VerifyOptions): Promise<void> {
  const { onProgress, signal } = options
  const until = await engine.read(({ tables }) => tables.meta.position, signal)
  let after = 0n as Position
  let count = 0
  for (;;) {
    const slice = await engine.read((log) => checkSlice(log, after, until, note), signal)
    count += slice.count
    onProgress?.(count, slice.total)
    if (slice.count < sliceSize) return
    after = slice.last
    await new Promise<void>((resolve) => engine.runtime.soon(resolve))
  }
}

function checkSlice(
  { tables, runtime }: LogContext,
  after: Position,
  until: Position,
  note: Note,
): { readonly count: number; readonly last: Position; readonly total: number } {
  let count = 0
  let last = after
  for (const row of tables.scan({ after, until, count: sliceSize })) {
    count++
    last = row.position
    checkContent(row, runtime, note)
    checkCausality(tables, row, note)
  }
  return { count, last, total: Number(tables.meta.events) }
}

function checkContent({ event }: Row, runtime: Runtime, note: Note): void {
  const isGone = event.stub === 'erased' || event.stub === 'compacted'
  if (isGone && event.type + event.hash + event.dataText !== '')
    note(event.id, `is ${event.stub}, and has content`)
  if (event.stub !== null) return
  if (contentHash(event, runtime) !== event.hash)
    note(event.id, 'its content does not match its hash')
}

function checkCausality(tables: LogTables, { event, position }: Row, note: Note): void {
  const { parents, aggregateId } = event
  for (const parent of parents) checkParent(tables, event, parent, note)
  const later = { after: position, until: tables.meta.position, count: 1, aggregateId }
  // Once for each aggregate: at its last event.
  if (tables.scan(later)[Symbol.iterator]().next().done) checkHeads(tables, aggregateId, note)
}

function checkHeads(tables: LogTables, aggregateId: string, note: Note): void {
  const heads = new Set<EventId>()
  const named = new Set<EventId>()
  const all = { after: 0n as Position, until: tables.meta.position, aggregateId }
  for (const { event } of tables.scan({ ...all, count: Number.MAX_SAFE_INTEGER })) {
    if (event.origin !== null) heads.add(event.id)
    for (const parent of event.parents) named.add(parent)
  }
  for (const parent of named) heads.delete(parent)
  const kept = tables.heads(aggregateId)
  if (kept.length !== heads.size || kept.some((head) => !heads.has(head.id)))
    note(aggregateId, `keeps ${kept.length} heads, which are not the ${heads.size} it has`)
}

function checkParent(tables: LogTables, event: Row['event'], parent: EventId, note: Note): void {
  const row = tables.row(parent)
  if (row === undefined) note(event.id, `its parent ${parent} is not here`)
  else if (row.event.aggregateId !== event.aggregateId)
    note(event.id, `its parent ${parent} belongs to another aggregate`)
  // Until it has its header, its stamp is only what its content says.
  else if (row.event.origin !== null && row.event.stamp >= event.stamp)
    note(event.id, `is not stamped above its parent ${parent}`)
}

function checkCounters(tables: LogTables, note: Note): void {
  const { origin, sequence, position, events } = tables.meta
  const highest = tables.highest(origin)
  if (sequence < highest)
    note('log', `goes on with sequence ${sequence + 1n}, and ${origin} has come to ${highest}`)
  const held = tables.count({ after: 0n as Position, notVia: noLink })
  if (held !== events) note('log', `counts ${events} events and holds ${held}`)
  for (const row of tables.scan({ after: position, until: lastPosition, count: mostProblems }))
    note(row.event.id, 'stands beyond the last position given out')
}

function checkLinks(tables: LogTables, note: Note): void {
  const lineage = lineageOf(tables)
  for (const [id, link] of tables.links()) {
    checkCursors(id, link, note)
    if (!holds(lineage, link.pushed)) note(id, 'its push checkpoint is not in this log')
    if (!holds(lineage, link.acknowledged))
      note(id, 'what its peer has confirmed to know of this log is not in it')
    // What could not be read was never here.
    for (const parked of tables.parked(id))
      if (parked.reason !== 'unreadable' && tables.row(parked.id) === undefined)
        note(id, `the parked event ${parked.id} is not here`)
  }
}

function checkCursors(id: LinkId, link: LinkRow, note: Note): void {
  for (const name of ['pulled', 'pushed', 'acknowledged', 'received'] as const)
    if (link[name] !== start && parseCursor(link[name]) === undefined)
      note(id, `its cursor "${name}" can't be read`)
}

const sliceSize = 1_000
const noLink = -1
const lastPosition = (2n ** 63n - 1n) as Position
const mostProblems = 1_000

import type { Parked } from '../../contracts/index.ts'
import type { EventId, LinkId, LogEvent, Origin } from '../../event/index.ts'
import type { LineageMark, Position } from '../../version/index.ts'
import {
  type FirstPlace,
  type Head,
  headsWith,
  headsWithLinked,
  type KeptOrphan,
  type LinkRow,
  type LogMeta,
  type LogTables,
  type ReaderRow,
  type Row,
  type ScanRange,
} from '../log/index.ts'
import { FirstPlaces } from './first-places.ts'
import type { Commit } from './journal.ts'
import { Orphans } from './orphans.ts'

/** A log's tables as plain maps, and a record of what changed since the last commit. */
export class MemoryTables implements LogTables {
  readonly meta: LogMeta
  readonly marks: LineageMark[] = []
  /** At its position less one; a hole where a row has moved on. */
  readonly #slots: (Row | undefined)[] = []
  readonly #rows = new Map<EventId, Row>()
  readonly #aggregates = new Map<string, Aggregate>()
  readonly #origins = new Map<Origin, { highest: bigint; readonly at: Map<bigint, EventId[]> }>()
  readonly #links = new Map<LinkId, LinkRow>()
  readonly #readers = new Map<LinkId, ReaderRow>()
  readonly #parked = new Map<LinkId, readonly Parked[]>()
  readonly #orphans = new Orphans()
  readonly #firstPlaces = new FirstPlaces()
  #commit: Omit<Commit, 'meta'> = emptyCommit()
  #keptOrigin: Origin | undefined

  constructor(meta: LogMeta) {
    this.meta = meta
  }

  row(id: EventId): Row | undefined {
    return this.#rows.get(id)
  }

  add(row: Row): boolean {
    const { event, position } = row
    if (this.#rows.has(event.id)) return false
    this.#place(row)
    const aggregate = this.#aggregate(event.aggregateId)
    aggregate.positions.push(position)
    if (event.origin !== null) this.#noteOrigin(event.origin, event.sequence, event.id)
    this.#commit.rows.push({ row, from: null })
    return true
  }

  move(old: Row, row: Row): void {
    this.#slots[Number(old.position) - 1] = undefined
    this.#place(row)
    const { event } = row
    if (old.event.origin === null && event.origin !== null)
      this.#noteOrigin(event.origin, event.sequence, event.id)
    const { positions } = this.#aggregate(event.aggregateId)
    positions.splice(positions.indexOf(old.position), 1)
    positions.push(row.position)
    this.#commit.rows.push({ row, from: old.position })
  }

  replace({ position, via }: Row, event: LogEvent): void {
    const row = { position, via, event }
    this.#place(row)
    this.#commit.rows.push({ row, from: position })
  }

  *scan(range: ScanRange): Iterable<Row> {
    const { after, until, notVia, aggregateId } = range
    if (aggregateId !== undefined) yield* this.#scanAggregate(aggregateId, after, until)
    else
      for (let at = Number(after); at < Number(until); at++) {
        const row = this.#slots[at]
        if (row !== undefined && (notVia === undefined || row.via !== notVia)) yield row
      }
  }

  count({ after, notVia }: { after: Position; notVia: number }): bigint {
    let count = 0n
    for (const _ of this.scan({ after, until: this.meta.position, count: 0, notVia })) count += 1n
    return count
  }

  heads(aggregateId: string): readonly Head[] {
    return this.#aggregates.get(aggregateId)?.heads ?? noHeads
  }

  setHeads(aggregateId: string, heads: readonly Head[]): void {
    this.#aggregate(aggregateId).heads = heads
  }

  orphan(id: EventId): KeptOrphan | undefined {
    return this.#orphans.get(id)
  }

  orphansOf(parent: EventId): readonly LogEvent[] {
    return this.#orphans.of(parent)
  }

  keepOrphan(orphan: LogEvent, parent: EventId): void {
    this.#orphans.keep(orphan, parent)
    this.#commit.orphans.set(orphan.id, { orphan, parent })
  }

  dropOrphan(id: EventId): void {
    if (this.#orphans.drop(id)) this.#commit.orphans.set(id, null)
  }

  firstPlace(id: EventId): Position | undefined {
    return this.#firstPlaces.of(id)
  }

  firstPlaces(range: Pick<ScanRange, 'after' | 'until'>): Iterable<FirstPlace> {
    return this.#firstPlaces.scan(range)
  }

  keepFirstPlace(place: FirstPlace): void {
    this.#firstPlaces.keep(place)
    this.#commit.firstPlaces.push(place)
  }

  highest(origin: Origin): bigint {
    return this.#origins.get(origin)?.highest ?? 0n
  }

  at(origin: Origin, sequence: bigint): readonly EventId[] {
    return this.#origins.get(origin)?.at.get(sequence) ?? []
  }

  hasMark(mark: string): boolean {
    return this.marks.some((one) => one.mark === mark)
  }

  addMark(mark: LineageMark): void {
    this.marks.push(mark)
    this.#commit.marks.push(mark)
  }

  link(id: LinkId): LinkRow | undefined {
    return this.#links.get(id)
  }

  setLink(id: LinkId, row: LinkRow): void {
    this.#links.set(id, row)
    this.#commit.links.set(id, row)
  }

  links(): Iterable<readonly [LinkId, LinkRow]> {
    return this.#links
  }

  parked(id: LinkId): readonly Parked[] {
    return this.#parked.get(id) ?? []
  }

  park(id: LinkId, parked: readonly Parked[]): void {
    const fresh = new Map([...this.parked(id), ...parked].map((one) => [one.id, one]))
    this.#setParked(id, [...fresh.values()])
  }

  unpark(id: LinkId, ids: readonly EventId[]): void {
    const gone = new Set(ids)
    this.#setParked(
      id,
      this.parked(id).filter((one) => !gone.has(one.id)),
    )
  }

  reader(id: LinkId): ReaderRow | undefined {
    return this.#readers.get(id)
  }

  setReader(id: LinkId, row: ReaderRow): void {
    this.#readers.set(id, row)
    this.#commit.readers.set(id, row)
  }

  readers(): Iterable<readonly [LinkId, ReaderRow]> {
    return this.#readers
  }

  aggregates(): bigint {
    return BigInt(this.#aggregates.size)
  }

  /** What changed since the last call; `undefined` for nothing worth keeping. */
  takeCommit(): Commit | undefined {
    const commit = this.#commit
    const { rows, links, parked, marks, orphans, readers } = commit
    const { origin } = this.meta
    const maps = links.size + parked.size + orphans.size + readers.size
    const changed = rows.length + marks.length + maps > 0
    if (!changed && origin === this.#keptOrigin) return undefined
    this.#commit = emptyCommit()
    this.#keptOrigin = origin
    return { ...commit, meta: { ...this.meta } }
  }

  /** Takes a commit of an earlier life in again. */
  replay(commit: Commit): void {
    for (const mark of commit.marks) this.marks.push(mark)
    for (const { row, from } of commit.rows) this.#replayRow(row, from)
    for (const [id, row] of commit.links) this.#links.set(id, row)
    for (const [id, row] of commit.readers) this.#readers.set(id, row)
    for (const [id, parked] of commit.parked) this.#parked.set(id, parked)
    for (const [id, kept] of commit.orphans) this.#orphans.replay(id, kept)
    for (const place of commit.firstPlaces) this.#firstPlaces.keep(place)
    Object.assign(this.meta, commit.meta)
    this.#keptOrigin = this.meta.origin
    this.#commit = emptyCommit()
  }

  #replayRow(row: Row, from: Position | null): void {
    const { event } = row
    const old = from === null ? undefined : this.#slots[Number(from) - 1]
    if (old === undefined) this.add(row)
    else if (old.position === row.position) this.replace(old, event)
    else this.move(old, row)
    if (event.origin === null) return
    if (old === undefined) this.setHeads(event.aggregateId, headsWith(this, event))
    else if (old.event.origin === null)
      this.setHeads(event.aggregateId, headsWithLinked(this, event))
  }

  #place(row: Row): void {
    this.#slots[Number(row.position) - 1] = row
    this.#rows.set(row.event.id, row)
  }

  #aggregate(aggregateId: string): Aggregate {
    let aggregate = this.#aggregates.get(aggregateId)
    if (aggregate === undefined) {
      aggregate = { heads: noHeads, positions: [] }
      this.#aggregates.set(aggregateId, aggregate)
    }
    return aggregate
  }

  *#scanAggregate(aggregateId: string, after: Position, until: Position): Iterable<Row> {
    for (const position of this.#aggregates.get(aggregateId)?.positions ?? []) {
      if (position > after && position <= until) yield this.#slots[Number(position) - 1] as Row
    }
  }

  #noteOrigin(origin: Origin, sequence: bigint, id: LogEvent['id']): void {
    let known = this.#origins.get(origin)
    if (known === undefined) {
      known = { highest: 0n, at: new Map() }
      this.#origins.set(origin, known)
    }
    if (sequence > known.highest) known.highest = sequence
    const ids = known.at.get(sequence)
    if (ids === undefined) known.at.set(sequence, [id])
    else ids.push(id)
  }

  #setParked(id: LinkId, parked: readonly Parked[]): void {
    this.#parked.set(id, parked)
    this.#commit.parked.set(id, parked)
  }
}

interface Aggregate {
  heads: readonly Head[]
  readonly positions: Position[]
}

function emptyCommit(): Omit<Commit, 'meta'> {
  return {
    rows: [],
    links: new Map(),
    readers: new Map(),
    parked: new Map(),
    marks: [],
    orphans: new Map(),
    firstPlaces: [],
  }
}

const noHeads: readonly Head[] = []

import { type LateWrite, type Parked, type PathRange, timeOf } from '../../../contracts/index.ts'
import type { EventId, LinkId } from '../../../event/index.ts'
import type { LineageMark, Position } from '../../../version/index.ts'
import type { LinkRow, ReaderRow } from '../../log/index.ts'
import {
  type FeedEnd,
  type Row,
  RowIndex,
  type StateMeta,
  type StateTables,
} from '../../state/index.ts'

/** A state storage's tables as plain maps. */
export class MemoryStateTables implements StateTables {
  readonly meta: StateMeta
  readonly marks: LineageMark[] = []
  readonly #index = new RowIndex()
  readonly #collected = new Map<string, bigint>()
  /** Of lists that are remembered no more. */
  #collectedElsewhere = 0n
  /** In the order of their positions: each is put in at the end. */
  readonly #late = new Map<Position, LateWrite>()
  #ends: readonly FeedEnd[] = []
  readonly #links = new Map<LinkId, LinkRow>()
  readonly #readers = new Map<LinkId, ReaderRow>()
  readonly #parked = new Map<LinkId, readonly Parked[]>()

  constructor(meta: StateMeta) {
    this.meta = meta
  }

  row(path: string): Row | undefined {
    return this.#index.row(path)
  }

  times(paths: readonly string[]): ReadonlyMap<string, bigint> {
    const times = new Map<string, bigint>()
    for (const path of paths) {
      const row = this.#index.row(path)
      if (row !== undefined) times.set(path, timeOf(row))
    }
    return times
  }

  put(row: Row): void {
    this.#index.put(row)
  }

  drop({ path }: Row): void {
    this.#index.drop(path)
  }

  scan(after: Position): Iterable<Row> {
    return this.#index.scan(after)
  }

  living(pattern?: string): readonly Row[] {
    return this.#index.living(pattern)
  }

  paths(range: Required<PathRange>) {
    return this.#index.paths(range)
  }

  latest(pattern: string): Position {
    return this.#index.latest(pattern)
  }

  tombstones(before: bigint, upTo: Position, count: number): readonly Row[] {
    const found: Row[] = []
    for (const row of this.#index.scan(0n as Position)) {
      if (row.position > upTo || found.length >= count) break
      if (row.dataText === null && row.updated < before) found.push(row)
    }
    return found
  }

  collected(list: string): bigint {
    return this.#collected.get(list) ?? this.#collectedElsewhere
  }

  setCollected(list: string, time: bigint): void {
    this.#collected.delete(list)
    this.#collected.set(list, time)
    if (this.#collected.size <= mostLists) return
    // Too much is remembered of the oldest rather than nothing: more is refused than has to be, never less.
    const [oldest, forgotten] = this.#collected.entries().next().value as [string, bigint]
    this.#collected.delete(oldest)
    if (forgotten > this.#collectedElsewhere) this.#collectedElsewhere = forgotten
  }

  collectedLists(): readonly string[] {
    return [...this.#collected.keys()]
  }

  keepLate(late: LateWrite): void {
    this.#late.set(late.position, late)
  }

  late(after: Position, count: number): readonly LateWrite[] {
    return [...this.#late.values()].filter(({ position }) => position > after).slice(0, count)
  }

  lateCount(): bigint {
    return BigInt(this.#late.size)
  }

  forgetLate(position: Position): boolean {
    return this.#late.delete(position)
  }

  get ends(): readonly FeedEnd[] {
    return this.#ends
  }

  setEnds(ends: readonly FeedEnd[]): void {
    this.#ends = ends
  }

  count() {
    const { objects, tombstones } = this.#index
    return { objects: BigInt(objects), tombstones: BigInt(tombstones) }
  }

  /** Changes of state have no sequence. */
  highest(): bigint {
    return 0n
  }

  at(): readonly EventId[] {
    return []
  }

  hasMark(mark: string): boolean {
    return this.marks.some((one) => one.mark === mark)
  }

  addMark(mark: LineageMark): void {
    this.marks.push(mark)
  }

  setMarks(marks: readonly LineageMark[]): void {
    this.marks.splice(0, this.marks.length, ...marks)
  }

  link(id: LinkId): LinkRow | undefined {
    return this.#links.get(id)
  }

  setLink(id: LinkId, row: LinkRow): void {
    this.#links.set(id, row)
  }

  links(): Iterable<readonly [LinkId, LinkRow]> {
    return this.#links
  }

  reader(id: LinkId): ReaderRow | undefined {
    return this.#readers.get(id)
  }

  setReader(id: LinkId, row: ReaderRow): void {
    this.#readers.set(id, row)
  }

  readers(): Iterable<readonly [LinkId, ReaderRow]> {
    return this.#readers
  }

  parked(id: LinkId): readonly Parked[] {
    return this.#parked.get(id) ?? []
  }

  park(id: LinkId, parked: readonly Parked[]): void {
    const fresh = new Map([...this.parked(id), ...parked].map((one) => [one.id, one]))
    this.#parked.set(id, [...fresh.values()])
  }

  unpark(id: LinkId, ids: readonly EventId[]): void {
    const gone = new Set(ids)
    this.#parked.set(
      id,
      this.parked(id).filter((one) => !gone.has(one.id)),
    )
  }
}

const mostLists = 100_000

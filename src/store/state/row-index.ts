import type { PathRange, StatePaths } from '../../contracts/index.ts'
import type { Position } from '../../version/index.ts'
import { PathTree } from './path-tree.ts'
import { SortedPaths } from './sorted-paths.ts'
import type { Row } from './tables.ts'

/** Rows in memory: by path, by pattern and in feed order. */
export class RowIndex {
  readonly #rows = new Map<string, Row>()
  readonly #living = new PathTree<Row>()
  readonly #graves = new PathTree<Row>()
  readonly #sorted = new SortedPaths()
  /** In position order; among them rows that have been replaced, until they outnumber the others. */
  #feed: Row[] = []
  #tombstones = 0

  get objects(): number {
    return this.#rows.size - this.#tombstones
  }

  get tombstones(): number {
    return this.#tombstones
  }

  row(path: string): Row | undefined {
    return this.#rows.get(path)
  }

  /** In place of what stood at its path. Its position is greater than all others. */
  put(row: Row): void {
    const { path } = row
    const isDead = row.dataText === null
    const held = this.#rows.get(path)
    const wasDead = held?.dataText === null
    if (held !== undefined && wasDead !== isDead)
      (wasDead ? this.#graves : this.#living).delete(path)
    ;(isDead ? this.#graves : this.#living).set(path, row)
    if ((held === undefined || wasDead) === !isDead) this.#sorted.set(path, !isDead)
    this.#tombstones += Number(isDead) - Number(wasDead)
    this.#rows.set(path, row)
    this.#feed.push(row)
    this.#tidy()
  }

  /** Forgets what stands at a path. */
  drop(path: string): void {
    const row = this.#rows.get(path)
    if (row === undefined) return
    const isDead = row.dataText === null
    this.#rows.delete(path)
    ;(isDead ? this.#graves : this.#living).delete(path)
    if (isDead) this.#tombstones--
    else this.#sorted.set(path, false)
    this.#tidy()
  }

  *scan(after: Position): Iterable<Row> {
    const feed = this.#feed
    for (let at = this.#firstAfter(after); at < feed.length; at++) {
      const row = feed[at] as Row
      if (this.#isCurrent(row)) yield row
    }
  }

  living(pattern?: string): Row[] {
    return this.#living.matching(pattern)
  }

  paths(range: Required<PathRange>): Pick<StatePaths, 'paths' | 'total'> {
    return this.#sorted.page(range, () => this.#living.matching().map(({ path }) => path))
  }

  latest(pattern: string): Position {
    let latest = 0n as Position
    for (const rows of [this.#living.matching(pattern), this.#graves.matching(pattern)])
      for (const { position } of rows) if (position > latest) latest = position
    return latest
  }

  #firstAfter(position: Position): number {
    let low = 0
    let high = this.#feed.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#feed[middle] as Row).position <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  #isCurrent(row: Row): boolean {
    return this.#rows.get(row.path) === row
  }

  #tidy(): void {
    if (this.#feed.length > 2 * this.#rows.size + 1_000)
      this.#feed = this.#feed.filter((row) => this.#isCurrent(row))
  }
}

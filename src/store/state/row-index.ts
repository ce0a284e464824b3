import type { PathRange, StatePaths } from '../../contracts/index.ts'
import type { Position } from '../../version/index.ts'
import { PathTree } from './path-tree.ts'
import { SortedPaths } from './sorted-paths.ts'
import type { Row } from './tables.ts'

/** Rows in memory: by path, by pattern and in feed order. */
export class RowIndex {
  readonly #places = new Map<string, Place>()
  readonly #living = new PathTree<Place>()
  readonly #graves = new PathTree<Place>()
  readonly #sorted = new SortedPaths()
  /** In position order, with gaps where rows have been replaced, until they outnumber the others. */
  #feed: (Row | undefined)[] = []
  /** Of all in the feed, gaps too. */
  #positions: Position[] = []
  #tombstones = 0

  get objects(): number {
    return this.#places.size - this.#tombstones
  }

  get tombstones(): number {
    return this.#tombstones
  }

  row(path: string): Row | undefined {
    return this.#places.get(path)?.row
  }

  /** In place of what stood at its path. Its position is greater than all others. */
  put(row: Row): void {
    const held = this.#places.get(row.path)
    const at = this.#feed.length
    const place = held ?? { row, at }
    if (held === undefined) this.#places.set(row.path, place)
    else this.#feed[held.at] = undefined
    this.#feed.push(row)
    this.#positions.push(row.position)
    this.#stand(place, held?.row, row)
    place.row = row
    place.at = at
    this.#tidy()
  }

  /** Forgets what stands at a path. */
  drop(path: string): void {
    const place = this.#places.get(path)
    if (place === undefined) return
    const isDead = place.row.dataText === null
    this.#places.delete(path)
    this.#feed[place.at] = undefined
    ;(isDead ? this.#graves : this.#living).delete(path)
    if (isDead) this.#tombstones--
    else this.#sorted.set(path, false)
    this.#tidy()
  }

  *scan(after: Position): Iterable<Row> {
    const feed = this.#feed
    for (let at = this.#firstAfter(after); at < feed.length; at++) {
      const row = feed[at]
      // It may have been replaced while somebody reads.
      if (row !== undefined && this.row(row.path) === row) yield row
    }
  }

  living(pattern?: string): Row[] {
    return this.#living.matching(pattern).map(({ row }) => row)
  }

  paths(range: Required<PathRange>): Pick<StatePaths, 'paths' | 'total'> {
    return this.#sorted.page(range, () => this.living().map(({ path }) => path))
  }

  latest(pattern: string): Position {
    let latest = 0n as Position
    for (const places of [this.#living.matching(pattern), this.#graves.matching(pattern)])
      for (const { row } of places) if (row.position > latest) latest = row.position
    return latest
  }

  /** Among the living or the dead. Mostly it lived before, and then nothing has changed. */
  #stand(place: Place, before: Row | undefined, { path, dataText }: Row): void {
    const isDead = dataText === null
    const wasDead = before?.dataText === null
    if (before !== undefined && wasDead === isDead) return
    if (before !== undefined) (wasDead ? this.#graves : this.#living).delete(path)
    ;(isDead ? this.#graves : this.#living).set(path, place)
    if (before !== undefined || !isDead) this.#sorted.set(path, !isDead)
    this.#tombstones += Number(isDead) - Number(wasDead)
  }

  #firstAfter(position: Position): number {
    let low = 0
    let high = this.#positions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#positions[middle] as Position) <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  #tidy(): void {
    if (this.#feed.length <= 2 * this.#places.size + 1_000) return
    const left = this.#feed.filter((row) => row !== undefined)
    for (const [at, { path }] of left.entries()) (this.#places.get(path) as Place).at = at
    this.#feed = left
    this.#positions = left.map(({ position }) => position)
  }
}

/** What the trees hold of a path, so that a new row there changes nothing in them. */
interface Place {
  row: Row
  /** In the feed. */
  at: number
}

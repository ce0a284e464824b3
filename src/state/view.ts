import {
  matchesPattern,
  type StateChange,
  type StateFound,
  type StateRows,
  type StateStorage,
  timeOf,
} from '../contracts/index.ts'
import type { Position } from '../version/index.ts'

/** What a batch of writes is decided on: rows as of one moment, and on top of them what the batch has written. */
export class View {
  readonly end: Position
  readonly clock: bigint
  readonly #held: ReadonlyMap<string, StateFound>
  readonly #lists: ReadonlyMap<string, readonly StateChange[]>
  /** Made when it is first written to. */
  #written: Map<string, StateChange> | undefined

  private constructor(
    base: Pick<View, 'end' | 'clock'>,
    held: ReadonlyMap<string, StateFound>,
    lists: ReadonlyMap<string, readonly StateChange[]>,
    written?: Map<string, StateChange>,
  ) {
    this.end = base.end
    this.clock = base.clock
    this.#held = held
    this.#lists = lists
    this.#written = written
  }

  /** Of several moments the first counts: what came in between makes the commit stale. */
  static async read(
    storage: StateStorage,
    paths: readonly string[],
    patterns: readonly string[],
  ): Promise<View> {
    const found = await storage.rows(paths)
    const lists = new Map<string, readonly StateChange[]>()
    for (const pattern of patterns) {
      const { rows } = await storage.list({ pattern, order: 'path' })
      lists.set(pattern, rows)
    }
    return View.of(paths, found, lists)
  }

  /** `found`: one for each of the paths. */
  static of(
    paths: readonly string[],
    { found, end, clock }: StateRows,
    lists: ReadonlyMap<string, readonly StateChange[]> = noLists,
  ): View {
    const held = new Map<string, StateFound>()
    for (const [at, path] of paths.entries()) held.set(path, found[at] as StateFound)
    return new View({ end, clock }, held, lists)
  }

  /** What stands at a path, a tombstone too. */
  at(path: string): StateChange | undefined {
    return this.#written?.get(path) ?? this.#held.get(path)?.row
  }

  /** The greatest time that a write at this path replaces. */
  below(path: string): bigint {
    const held = this.at(path)
    const time = held === undefined ? 0n : timeOf(held)
    const { collected = 0n } = this.#held.get(path) ?? {}
    return (held?.dataText ?? null) === null && collected > time ? collected : time
  }

  /** A delete that may have been of this path, where nothing is known of it any more. */
  forgotten(path: string): StateChange | undefined {
    const updated = this.below(path)
    if (updated === 0n || this.at(path) !== undefined) return undefined
    return { path, created: 0n, updated, dataText: null, note: '' }
  }

  /** What lives and matches one of the patterns this was read for. */
  living(pattern: string): readonly StateChange[] {
    const listed = this.#lists.get(pattern) ?? []
    if (this.#written === undefined) return listed
    const changed = [...this.#written.values()].filter(({ path }) => matchesPattern(pattern, path))
    if (changed.length === 0) return listed
    const all = new Map([...listed, ...changed].map((one) => [one.path, one]))
    return [...all.values()].filter(({ dataText }) => dataText !== null)
  }

  write(change: StateChange): void {
    this.#written ??= new Map()
    this.#written.set(change.path, change)
  }

  /** The same, where what is written can be given up. */
  fork(): View {
    return new View(this, this.#held, this.#lists, new Map(this.#written))
  }
}

const noLists: ReadonlyMap<string, readonly StateChange[]> = new Map()

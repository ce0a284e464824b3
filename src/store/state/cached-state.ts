import type {
  Applied,
  Batch,
  LinkState,
  StateChange,
  StateCommit,
  StateFound,
  StateMoment,
  StateRow,
  StateStorage,
} from '../../contracts/index.ts'
import { abortSignal } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LinkId, Origin } from '../../event/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Position } from '../../version/index.ts'
import { Watchers } from '../log/index.ts'
import { at, checkedPathRange, checkFeed, checkPaths, checkRange } from './check-calls.ts'
import { ordered } from './ordered.ts'
import { feedIn } from './reading.ts'
import { RowIndex } from './row-index.ts'
import type { Row } from './tables.ts'

/**
 * Memory in front of a durable storage, which assigns positions and acknowledges; memory follows its feed, in
 * order. A read touches nothing but memory and sees every write that was acknowledged. A write that the
 * durable storage refuses leaves no trace in memory, and nobody is told.
 *
 * Reads the whole feed when it is opened. Closing it closes the durable storage.
 */
export async function cachedState(
  durable: StateStorage,
  signal?: AbortSignal,
  runtime: Pick<Runtime, 'soon'> = systemRuntime,
): Promise<StateStorage> {
  const cache = new Cache(durable, runtime)
  await cache.fill(signal)
  return cache.storage()
}

/**
 *     commit --durable--> rows next in the feed? --yes--> memory --> watchers told --> resolved
 *                                   |                        ^
 *                                   no: somebody else wrote -+- the feed after what memory has
 */
class Cache {
  readonly #durable: StateStorage
  readonly #runtime: Pick<Runtime, 'soon'>
  #index = new RowIndex()
  readonly #watchers = new Watchers()
  readonly #closing = new AbortController()
  /** As of the last commit heard of. */
  readonly #generations = new Map<LinkId, number>()
  #origin: Origin | undefined
  #moment: StateMoment = { end: 0n as Position, horizon: 0n as Position, clock: 0n }
  #line: Promise<void> = Promise.resolve()
  #following: Promise<void>

  constructor(durable: StateStorage, runtime: Pick<Runtime, 'soon'>) {
    this.#durable = durable
    this.#runtime = runtime
    this.#following = this.#follow()
  }

  storage(): StateStorage {
    const durable = this.#durable
    return {
      policies: durable.policies,
      inMemory: true,
      rows: async (paths, signal) => {
        this.#check('rows', signal)
        checkPaths(paths, 'rows')
        return { ...this.#moment, found: await this.#found(paths, signal) }
      },
      list: async (range = {}, signal) => {
        this.#check('list', signal)
        checkRange(range)
        return { ...this.#moment, rows: ordered(this.#index.living(range.pattern), range) }
      },
      paths: async (range = {}, signal) => {
        this.#check('paths', signal)
        return { ...this.#moment, ...this.#index.paths(checkedPathRange(range)) }
      },
      commit: (what, signal) => this.#commit(what, signal),
      latest: async (pattern, signal) => {
        this.#check('latest', signal)
        checkPaths([pattern], 'latest')
        return this.#index.latest(pattern)
      },
      apply: (batch, signal) => this.#apply(batch, signal),
      collect: async (what, signal) => {
        const count = await durable.collect(what, signal)
        this.#forget(what.before, what.upTo)
        await this.catchUp(signal)
        return count
      },
      sweep: async (what, signal) => {
        const swept = await durable.sweep(what, signal)
        if (!swept.more) for (const { before, upTo } of swept.by) this.#forget(before, upTo)
        await this.catchUp(signal)
        return swept
      },
      late: (range, signal) => durable.late(range, signal),
      forgetLate: (positions, signal) => durable.forgetLate(positions, signal),
      forget: async (what, signal) => {
        const forgotten = await durable.forget(what, signal)
        await this.catchUp()
        return forgotten
      },
      feed: async (range = {}, signal) => {
        this.#check('feed', signal)
        checkFeed(range)
        const { upTo } = range
        if (upTo === undefined || upTo > this.#moment.end) return durable.feed(range, signal)
        return { ...feedIn(this.#index, this.#moment, range), origin: this.#origin as Origin }
      },
      lineage: (signal) => durable.lineage(signal),
      status: (signal) => durable.status(signal),
      identity: (signal) => durable.identity(signal),
      changes: (after, want, signal) => durable.changes(after, want, signal),
      fetch: (ids, signal, filter) => durable.fetch(ids, signal, filter),
      link: (id, signal) => this.#link(id, signal),
      settle: (settlement, signal) => durable.settle(settlement, signal),
      resetLink: (id, signal) => durable.resetLink(id, signal),
      knowledge: (peer, signal) => durable.knowledge(peer, signal),
      confirm: (peer, as, known, signal) => durable.confirm(peer, as, known, signal),
      renewOrigin: (as, signal) => durable.renewOrigin(as, signal),
      watch: (signal) => this.#watchers.watch(signal),
      close: () => this.#close(),
      [Symbol.asyncDispose]: () => this.#close(),
    }
  }

  async fill(signal: AbortSignal | undefined): Promise<void> {
    const { origin } = await this.#durable.identity(signal)
    this.#origin = origin
    await this.catchUp(signal)
  }

  /** Takes in what the feed has and memory has not. One at a time. */
  catchUp(signal?: AbortSignal): Promise<void> {
    const turn = this.#line.then(() => this.#readFeed(signal))
    this.#line = turn.catch(() => {})
    return turn
  }

  async #readFeed(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const after = this.#moment.end
      const { rows, next, more, horizon, clock, origin } = await this.#durable.feed(
        { after },
        signal,
      )
      if (origin !== this.#origin) return this.#readAnew(origin, signal)
      // A commit may have come in between.
      const { end } = this.#moment
      for (const row of rows) if (row.position > end) this.#index.put(cached(row))
      this.#moment = { end: next > end ? next : end, horizon, clock }
      if (rows.length > 0) this.#watchers.wake()
      if (!more) return
    }
  }

  /** Under another origin there may be less than there was, and nobody says what. */
  async #readAnew(as: Origin, signal: AbortSignal | undefined): Promise<void> {
    const index = new RowIndex()
    let end = 0n as Position
    for (;;) {
      const { rows, next, more, horizon, clock, origin } = await this.#durable.feed(
        { after: end },
        signal,
      )
      for (const row of rows) index.put(cached(row))
      end = next
      if (more) continue
      if (origin !== as) return this.#readAnew(origin, signal)
      // A commit may have come in between.
      if (end < this.#moment.end) continue
      this.#index = index
      this.#moment = { end, horizon, clock }
      this.#origin = as
      return this.#watchers.wake()
    }
  }

  async #commit(what: StateCommit, signal: AbortSignal | undefined) {
    const answer = await this.#durable.commit(what, signal)
    if (answer.kind === 'committed') await this.#take(answer.rows)
    // Somebody else has written, and who asks again wants to see it.
    else await this.catchUp()
    return answer
  }

  async #apply(batch: Batch<StateChange>, signal: AbortSignal | undefined): Promise<Applied> {
    const applied = await this.#durable.apply(batch, signal)
    await this.catchUp()
    return applied
  }

  async #take(rows: readonly StateRow[]): Promise<void> {
    const first = rows[0]
    if (first === undefined) return
    if (first.position !== this.#moment.end + 1n) return this.catchUp()
    for (const row of rows) this.#index.put(cached(row))
    this.#moment = { ...this.#moment, end: (rows.at(-1) as StateRow).position }
    this.#watchers.wake()
  }

  /** What is remembered of collected deletes stays with the durable storage. */
  async #found(
    paths: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly StateFound[]> {
    const absent = paths.filter((path) => (this.#index.row(path)?.dataText ?? null) === null)
    const isKnown = this.#moment.horizon === 0n || absent.length === 0
    const found = isKnown ? [] : (await this.#durable.rows(absent, signal)).found
    const collected = new Map(found.map((one, at) => [absent[at], one.collected]))
    return paths.map((path) => ({
      row: this.#index.row(path),
      collected: collected.get(path) ?? 0n,
    }))
  }

  #forget(before: bigint, upTo: Position): void {
    for (const row of [...this.#index.scan(0n as Position)])
      if (row.dataText === null && row.updated < before && row.position <= upTo)
        this.#index.drop(row.path)
  }

  /** What other processes write. */
  async #follow(): Promise<void> {
    const { signal } = this.#closing
    for await (const _ of this.#durable.watch(signal)) {
      // Mostly it was a commit of this process: those who wait for that one come first.
      await new Promise<void>((resolve) => this.#runtime.soon(resolve))
      // Then it is what memory has by now. What fails here fails in the next call as well.
      await this.catchUp(signal).catch(() => {})
      if (signal.aborted) return
      if (await this.#hasMoreToTell(signal)) this.#watchers.wake()
    }
  }

  async #link(id: LinkId, signal: AbortSignal | undefined): Promise<LinkState> {
    const state = await this.#durable.link(id, signal)
    if (!this.#generations.has(id)) this.#generations.set(id, state.generation)
    return state
  }

  /** A commit need not be rows: whether a link that was asked for has started over. */
  async #hasMoreToTell(signal: AbortSignal): Promise<boolean> {
    try {
      let isNews = false
      for (const [id, known] of this.#generations) {
        const { generation } = await this.#durable.link(id, signal)
        if (generation !== known) isNews = true
        this.#generations.set(id, generation)
      }
      return isNews
    } catch {
      // Who looks hears what is wrong.
      return !signal.aborted
    }
  }

  #check(operation: string, signal: AbortSignal | undefined): void {
    abortSignal(signal, at(operation))
    signal?.throwIfAborted()
    if (this.#closing.signal.aborted)
      throw new RejoinError('closed', 'the storage is closed', at(operation))
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await this.#line
    await this.#durable.close()
    await this.#following
    this.#watchers.close()
  }
}

/** All rows of one shape, whoever made them: V8 keeps such objects small and finds their fields fast. */
function cached({ position, path, created, updated, dataText, note }: StateRow): Row {
  return { position, path, created, updated, dataText, note, via: null }
}

import { matchesPattern, type StateRow, type StateStorage, timeOf } from '../../contracts/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime, type Timer, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { ActivityLifts } from './activity-lifts.ts'
import { NodeDoubts } from './node-doubts.ts'
import { NoticesDue } from './notices-due.ts'
import { Originators } from './originators.ts'
import type { PivotKey } from './pivot-keys.ts'
import type { PeerChange } from './route-options.ts'

/** A node of the original, as this server sees it. */
export interface NotifiedNode {
  readonly address: string
  /** One that is away is not called; it is told of everything when it is back. */
  readonly healthy: boolean
}

export interface PivotNotifierOptions {
  /** The keys that this server leads. */
  readonly keys: () => readonly PivotKey[]
  /** Nodes of the original that speak 2.0; asked after each commit. */
  readonly nodes: () => readonly NotifiedNode[]
  /** Tells a node to pull a key; see `PivotCalls.synchronize`. */
  readonly call: (address: string, key: string, signal: AbortSignal) => Promise<void>
  /**
   * Takes over what a node has under a key, before it is told to pull that: it would drop what is not here. Absent:
   * what it could not send is lost then.
   */
  readonly take?: (address: string, key: string, signal: AbortSignal) => Promise<void>
  /** How a call went. */
  readonly onOutcome?: (address: string, isWell: boolean) => void
  readonly runtime?: Runtime
  readonly logger?: Logger
}

/**
 * Tells nodes of the original what has changed under the keys that this server leads, as it is committed: all nodes
 * side by side, and each of one key at most once at a time and once more. Follows the feed, so that no writer ever
 * waits for it (K2).
 *
 *     commit ──▶ feed ──▶ keys ──▶ each node but the originator ──▶ synchronize/pivot?key=…
 *                                        │ away, or it fails: kept
 *                                        └──▶ told when it is back, or 3 s later
 */
export class PivotNotifier {
  readonly #options: PivotNotifierOptions
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #due: NoticesDue
  readonly #doubts: NodeDoubts | undefined
  readonly #lifts = new ActivityLifts()
  readonly #originators = new Originators()
  readonly #known = new Set<string>()
  readonly #followed = new Set<StateStorage>()
  readonly #end = new AbortController()
  readonly #working = new Set<Promise<void>>()
  #timer: Timer | undefined

  constructor(options: PivotNotifierOptions) {
    this.#options = options
    this.#runtime = options.runtime ?? systemRuntime
    this.#logger = options.logger ?? silentLogger
    this.#due = new NoticesDue((address, key) => this.#call(address, key))
    const { take } = options
    this.#doubts =
      take &&
      new NodeDoubts({
        ...{ take, signal: this.#end.signal, runtime: this.#runtime, logger: this.#logger },
        onTold: (key) => this.#tellAll(key),
      })
  }

  /** Follows a storage from here on. Does nothing for one that is followed. */
  async follow(storage: StateStorage, signal?: AbortSignal): Promise<void> {
    if (this.#followed.has(storage) || this.#end.signal.aborted) return
    this.#followed.add(storage)
    const commits = storage.watch(this.#end.signal)
    const { end } = await storage.rows([], signal)
    this.#work(this.#follow(storage, commits, end))
    this.look()
  }

  /** A peer's change is about to be stored: it need not be told of it. */
  coming(change: PeerChange): void {
    this.#originators.coming(change)
  }

  /** Tells one node of a key, such as one that has sent what is older than what stands here. */
  tell(address: string, key: string): void {
    if (!this.#end.signal.aborted) this.#due.add(address, key)
  }

  /** Whether nodes may hear now how far a key has come; see `NodeDoubts`. */
  async mayTell(key: string): Promise<boolean> {
    return this.#end.signal.aborted || this.#doubts === undefined || this.#doubts.mayTell(key)
  }

  /** What nodes are told of the greatest time under a key. */
  shown(key: string, latest: bigint): bigint {
    return this.#lifts.shown(key, latest)
  }

  /** A node does not have what is here, and pulls nothing below this. */
  differs(address: string, key: string, activity: bigint): void {
    this.#lifts.over(key, activity)
    this.tell(address, key)
  }

  /** A node has something that it will not send again. */
  doubt(address: string, key: string): void {
    if (this.#end.signal.aborted) return
    this.#doubts?.add(address, key)
    this.#work(this.#settle(address, key))
  }

  /** Nodes may have come, gone or come back. */
  look(): void {
    if (this.#end.signal.aborted) return
    this.#timer?.cancel()
    this.#timer = undefined
    const nodes = this.#options.nodes()
    for (const { address, healthy } of nodes) {
      const isNew = !this.#known.has(address)
      if (isNew || !healthy)
        for (const { path } of this.#options.keys()) this.#doubts?.add(address, path)
      if (isNew) {
        // Nobody knows what it has missed before.
        this.#known.add(address)
        for (const { path } of this.#options.keys()) this.#due.add(address, path, healthy)
      }
      if (healthy) {
        for (const key of this.#doubts?.of(address) ?? []) this.#work(this.#settle(address, key))
        this.#due.retry(address)
      }
    }
    const addresses = new Set(nodes.map(({ address }) => address))
    for (const address of this.#known)
      if (!addresses.has(address)) {
        this.#known.delete(address)
        this.#due.forget(address)
        this.#doubts?.forget(address)
      }
  }

  /** Calls under way end. Idempotent. */
  async close(): Promise<void> {
    this.#end.abort(new Error('the cluster is closed'))
    this.#timer?.cancel()
    await Promise.allSettled(this.#working)
  }

  async #follow(
    storage: StateStorage,
    commits: AsyncIterable<void>,
    from: StateRow['position'],
  ): Promise<void> {
    const { signal } = this.#end
    let after = from
    for await (const _ of commits)
      try {
        for (let more = true; more; ) {
          const page = await storage.feed({ after }, signal)
          this.#committed(storage, page.rows)
          after = page.next
          more = page.more
        }
      } catch (error) {
        if (signal.aborted) return
        this.#logger.warn('what was committed could not be read for the nodes', { error })
      }
  }

  #committed(storage: StateStorage, rows: readonly StateRow[]): void {
    if (rows.length === 0) return
    const keys = this.#options.keys().filter((key) => key.storage === storage)
    const nodes = this.#options.nodes()
    this.look()
    for (const row of rows) {
      const time = timeOf(row)
      const originator = this.#originators.of(row.path, time)
      const others = nodes.filter(({ address }) => address !== originator)
      // Its only node sends in any order: it would pull, and drop what it has not come to.
      if (others.length === 0 && originator !== undefined) continue
      for (const { path } of keys) {
        if (!matchesPattern(path, row.path)) continue
        // All of them pull now, also who is in the middle of sending.
        if (this.#lifts.isLate(path, time))
          for (const { address } of nodes) this.#doubts?.add(address, path)
        this.#lifts.changed(path)
        for (const { address, healthy } of others) this.#due.add(address, path, healthy)
      }
    }
  }

  async #call(address: string, key: string): Promise<boolean> {
    const { call, onOutcome } = this.#options
    const { signal } = this.#end
    const late = () => new Error(`no answer within ${patience} ms`)
    const calling = withDeadline(this.#runtime, patience, signal, late, (inner) =>
      untilAborted(
        inner,
        this.#settled(address, key).then(() => call(address, key, inner)),
      ),
    ).then(
      () => true,
      (error: unknown) => {
        if (!signal.aborted) this.#logger.info('a node was not told', { peer: address, key, error })
        return false
      },
    )
    this.#work(calling)
    const isWell = await calling
    if (signal.aborted) return false
    onOutcome?.(address, isWell)
    // What it has written meanwhile may not have come through either.
    if (!isWell) this.#doubts?.add(address, key)
    if (!isWell) this.#timer ??= this.#runtime.timer(again, () => this.look())
    return isWell
  }

  async #settled(address: string, key: string): Promise<void> {
    await this.#doubts?.settle(address, key)
  }

  /** It fails where the node is away; it is tried again as soon as that is back. */
  #settle(address: string, key: string): Promise<void> {
    return this.#settled(address, key).catch(() => {})
  }

  #tellAll(key: string): void {
    if (this.#end.signal.aborted) return
    for (const { address, healthy } of this.#options.nodes()) this.#due.add(address, key, healthy)
  }

  #work(work: Promise<unknown>): void {
    const done: Promise<void> = work.then(
      () => void this.#working.delete(done),
      () => void this.#working.delete(done),
    )
    this.#working.add(done)
  }
}

/** Milliseconds for one call. */
const patience = 5_000
/** Milliseconds until a node that has failed is called again, unless it is known to be back before. */
const again = 3_000

import type {
  Appended,
  AppendOptions,
  Entry,
  EventStore,
  ReadRange,
  Stale,
  StoreStatus,
  Transport,
} from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import { type LinkProgress, syncOnce } from '../link/index.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import type { Position } from '../version/index.ts'
import type { Decider, Decision } from './decide.ts'
import { SharedRun } from './shared-run.ts'
import { type SyncResult, syncResult } from './sync-result.ts'
import type { AnyEvents, EventMap, EventOf, NewEventOf } from './typed-events.ts'

export interface SyncNodeOptions {
  /** Where this node's events live. Closed with the node. */
  readonly store: EventStore
  /** The way to the remote. Closed with the node. Absent: a node that only works locally. */
  readonly transport?: Transport<LogEvent>
  /** Most events in one push or pull. Default 1,000. */
  readonly batchSize?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

export interface SyncOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: LinkProgress) => void
}

/**
 * A node of a fleet: append and read at any time, sync when there is a network.
 *
 * ```ts
 * const node = new SyncNode<{ NoteWritten: { text: string } }>({ store, transport })
 * await node.append([{ type: 'NoteWritten', aggregateId: 'note-1', data: { text: 'hello' } }])
 * const { ok, errors } = await node.sync()
 * ```
 *
 * All methods may be called concurrently. After `close()` they reject with `closed`.
 */
export class SyncNode<Events extends EventMap = AnyEvents> {
  readonly #options: SyncNodeOptions
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #runs = new Map<Direction, SharedRun<SyncResult>>()
  readonly #listeners = new Set<(result: SyncResult) => void>()
  #lastRun: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(options: SyncNodeOptions) {
    const { batchSize, runtime = systemRuntime, logger = silentLogger } = options
    if (batchSize !== undefined && !(Number.isSafeInteger(batchSize) && batchSize > 0))
      throw misuse('new SyncNode', `batchSize must be a whole number above 0, not ${batchSize}`)
    this.#options = options
    this.#runtime = runtime
    this.#logger = logger
  }

  /**
   * Appends in one commit; resolves when it is durable here. Never waits for the network. With `expected`,
   * an aggregate that has other heads answers `{ kind: 'stale', heads }` and nothing is stored.
   */
  append(
    events: readonly NewEventOf<Events>[],
    options?: AppendOptions & { readonly expected?: 'any' },
  ): Promise<AppendedOf<Events>>
  append(
    events: readonly NewEventOf<Events>[],
    options: AppendOptions,
  ): Promise<AppendedOf<Events> | Stale>
  append(
    events: readonly NewEventOf<Events>[],
    options: AppendOptions = {},
  ): Promise<AppendedOf<Events> | Stale> {
    return this.#open(
      () => this.#options.store.append(events, options) as Promise<AppendedOf<Events> | Stale>,
    )
  }

  /**
   * Loads one aggregate, asks `decider` what to append, and appends it if nobody else has appended to the
   * aggregate meanwhile; otherwise asks again, up to 10 times. Rejects with `unsettled` after that, with
   * `invalid_argument` for an event of another aggregate, and with whatever the decider throws.
   */
  async decide(
    aggregateId: string,
    decider: Decider<Events>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Decision<Events>> {
    const reading = signal === undefined ? {} : { signal }
    for (let tries = 1; tries <= mostTries; tries++) {
      // Heads first: what is appended while the history is read makes the append stale, never wrong.
      const heads = await this.heads(aggregateId, reading)
      const history = await Array.fromAsync(this.readAggregate(aggregateId, reading))
      const events = await decider(history)
      checkAggregate(events, aggregateId)
      if (events.length === 0) return { events: [], heads, tries }
      const expected = heads.length === 0 ? 'none' : heads
      const answer = await this.append(events, { expected, ...reading })
      if (answer.kind === 'appended') return { events: answer.events, heads, tries }
    }
    throw new RejoinError('unsettled', `others kept appending to ${aggregateId}`, {
      operation: 'decide',
      component: 'sync',
      details: { aggregateId, tries: mostTries },
    })
  }

  /** The log's entries in the order this store took them in, page by page; stubs are left out. */
  async *read(range: ReadRange = {}, { signal }: ReadOptions = {}): AsyncGenerator<Entry, void> {
    let after = range.after ?? (0n as Position)
    let left = range.count ?? Number.POSITIVE_INFINITY
    while (left > 0) {
      const count = Math.min(left, pageSize)
      const page = await this.#open(() =>
        this.#options.store.entries({ ...range, after, count }, signal),
      )
      for (const entry of page.entries) if (entry.event.stub === null) yield entry
      left -= page.entries.length
      if (!page.more) return
      after = page.next
    }
  }

  /** One aggregate's events, in the order this store took them in. */
  async *readAggregate(
    aggregateId: string,
    options: ReadOptions = {},
  ): AsyncGenerator<EventOf<Events>, void> {
    for await (const { event } of this.read({ aggregateId }, options))
      yield event as EventOf<Events>
  }

  /** The aggregate's events that no other names as parent. More than one: it was written concurrently. */
  heads(aggregateId: string, { signal }: ReadOptions = {}): Promise<readonly EventId[]> {
    return this.#open(() => this.#options.store.heads(aggregateId, signal))
  }

  status({ signal }: ReadOptions = {}): Promise<StoreStatus> {
    return this.#open(() => this.#options.store.status(signal))
  }

  /**
   * Pushes what the remote has not confirmed and pulls what it has, side by side. Concurrent calls share
   * one run. Resolves with `ok: false` and the errors for remote trouble; rejects for an abort, a closed
   * node, and a node without a transport.
   */
  sync(options: SyncOptions = {}): Promise<SyncResult> {
    return this.#run('both', options)
  }

  /** As `sync`, one way. */
  push(options: SyncOptions = {}): Promise<SyncResult> {
    return this.#run('push', options)
  }

  /** As `sync`, one way. */
  pull(options: SyncOptions = {}): Promise<SyncResult> {
    return this.#run('pull', options)
  }

  /** Calls back after each sync, push or pull that was not aborted; answers with a way to stop that. */
  subscribe(onResult: (result: SyncResult) => void): () => void {
    this.#listeners.add(onResult)
    return () => {
      this.#listeners.delete(onResult)
    }
  }

  /** Idempotent. A sync under way is aborted; transport and store are closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    for (const run of this.#runs.values()) run.abort(closed('sync'))
    await this.#lastRun
    await this.#options.transport?.close()
    await this.#options.store.close()
    this.#listeners.clear()
  }

  async #run(direction: Direction, { signal, onProgress }: SyncOptions): Promise<SyncResult> {
    if (this.#closing !== undefined) throw closed('sync')
    const { transport } = this.#options
    if (transport === undefined) throw misuse('sync', 'this node has no transport')
    signal?.throwIfAborted()
    let run = this.#runs.get(direction)
    if (run === undefined || run.abandoned) {
      run = this.#start(direction, transport, onProgress)
      this.#runs.set(direction, run)
    }
    return run.join(signal)
  }

  #start(
    direction: Direction,
    transport: Transport<LogEvent>,
    onProgress: SyncOptions['onProgress'],
  ): SharedRun<SyncResult> {
    const before = this.#lastRun
    const run: SharedRun<SyncResult> = new SharedRun(async (signal) => {
      await before
      try {
        return await this.#syncOnce(direction, transport, signal, onProgress)
      } finally {
        if (this.#runs.get(direction) === run) this.#runs.delete(direction)
      }
    })
    this.#lastRun = run.ended
    return run
  }

  async #syncOnce(
    direction: Direction,
    transport: Transport<LogEvent>,
    signal: AbortSignal,
    onProgress: SyncOptions['onProgress'],
  ): Promise<SyncResult> {
    const { store, batchSize } = this.#options
    const startedAt = this.#runtime.now()
    const began = this.#runtime.monotonic()
    const link = await syncOnce(
      {
        replica: store,
        transport,
        logger: this.#logger,
        directions: { push: direction !== 'pull', pull: direction !== 'push' },
        ...(batchSize === undefined ? {} : { batch: { count: batchSize } }),
        ...(onProgress === undefined ? {} : { onProgress }),
      },
      signal,
    )
    const { end } = await store.identity(signal)
    const duration = this.#runtime.monotonic() - began
    const result = syncResult(link, { startedAt, duration }, end)
    this.#tell(result)
    return result
  }

  #tell(result: SyncResult): void {
    for (const listener of this.#listeners) {
      try {
        listener(result)
      } catch (error) {
        this.#logger.error('a listener to sync results threw', { error })
      }
    }
  }

  async #open<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed('use')
    return work()
  }
}

export interface ReadOptions {
  readonly signal?: AbortSignal
}

type Direction = 'both' | 'push' | 'pull'
type AppendedOf<Events extends EventMap> = Omit<Appended, 'events'> & {
  readonly events: readonly EventOf<Events>[]
}

/** What was decided on one aggregate's history can't be held against another's heads. */
function checkAggregate(
  events: readonly { readonly aggregateId: string }[],
  aggregateId: string,
): void {
  const stray = events.find((event) => event.aggregateId !== aggregateId)
  if (stray === undefined) return
  throw misuse('decide', `an event of ${stray.aggregateId} was decided on ${aggregateId}`)
}

function closed(operation: string): RejoinError {
  return new RejoinError('closed', 'this node is closed', { operation, component: 'sync' })
}

function misuse(operation: string, message: string): RejoinError {
  return new RejoinError('invalid_argument', message, { operation, component: 'sync' })
}

const pageSize = 1_000
const mostTries = 10

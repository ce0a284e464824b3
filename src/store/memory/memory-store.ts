import { type ClockLimits, HybridClock } from '../../clock/index.ts'
import type * as contract from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import {
  defaultEventLimits,
  type EventId,
  type EventLimits,
  isNodeId,
  type LinkId,
  type LogEvent,
  type NewEvent,
  type NodeId,
  newOrigin,
  type Origin,
} from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime, uuidv7 } from '../../runtime/index.ts'
import { type Cursor, newMark, type Position } from '../../version/index.ts'
import * as log from '../log/index.ts'
import { Watchers } from '../log/watchers.ts'
import { decodeCommit, encodeCommit, type Journal } from './journal.ts'
import { MemoryTables } from './memory-tables.ts'

export interface MemoryStoreOptions {
  /** Default: drawn at random. */
  readonly node?: string
  readonly limits?: Partial<EventLimits>
  readonly clock?: Partial<ClockLimits>
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Makes commits durable: an append is acknowledged when the journal has it. */
  readonly journal?: Journal
}

/**
 * An event log in memory: for tests, for servers that may forget, and for the simulator. Without a journal
 * it is gone with the process. Calls take effect one after the other.
 */
export class MemoryStore implements contract.EventStore {
  readonly #context: log.LogContext & { readonly tables: MemoryTables }
  readonly #limits: EventLimits
  readonly #journal: Journal | undefined
  readonly #watchers = new Watchers()
  readonly #freshId: () => string
  #turn: Promise<unknown> = Promise.resolve()
  #broken: RejoinError | undefined

  static async open(options: MemoryStoreOptions = {}): Promise<MemoryStore> {
    const store = new MemoryStore(options)
    const { tables, runtime, clock } = store.#context
    for (const record of (await options.journal?.records()) ?? [])
      tables.replay(decodeCommit(record, runtime))
    clock.resume(tables.meta.clock)
    return store
  }

  private constructor(options: MemoryStoreOptions) {
    const { runtime = systemRuntime, logger = silentLogger, journal } = options
    const node = options.node ?? randomNode(runtime)
    if (!isNodeId(node))
      throw new RejoinError(
        'invalid_argument',
        `"${node}" is not a node id: [A-Za-z0-9._-]{1,255}`,
        {
          operation: 'open',
          component: 'store/memory',
        },
      )
    this.#limits = { ...defaultEventLimits, ...options.limits }
    this.#journal = journal
    this.#freshId = uuidv7(runtime)
    this.#context = {
      tables: new MemoryTables(freshMeta(node, runtime)),
      clock: new HybridClock(runtime, options.clock),
      runtime,
      logger,
      mark: newMark(runtime),
    }
  }

  async append(
    events: readonly NewEvent[],
    { expected = 'any', signal }: contract.AppendOptions = {},
  ): Promise<contract.Appended | contract.Stale> {
    const { runtime } = this.#context
    const drafts = log.draftsOf(events, expected, this.#limits, runtime, this.#freshId)
    return this.#write(() => log.append(this.#context, drafts, expected), signal)
  }

  entries(range: contract.ReadRange, signal?: AbortSignal): Promise<contract.Entries> {
    return this.#read(() => log.entriesIn(this.#context.tables, range), signal)
  }

  heads(aggregateId: string, signal?: AbortSignal): Promise<readonly EventId[]> {
    return this.#read(() => this.#context.tables.heads(aggregateId).map((head) => head.id), signal)
  }

  status(signal?: AbortSignal): Promise<contract.StoreStatus> {
    return this.#read(() => log.statusOf(this.#context.tables), signal)
  }

  identity(signal?: AbortSignal): Promise<contract.Identity> {
    return this.#read(() => log.identityOf(this.#context.tables), signal)
  }

  changes(
    after: Cursor,
    want: contract.Want,
    signal?: AbortSignal,
  ): Promise<contract.ChangePage<LogEvent>> {
    return this.#read(() => log.changesAfter(this.#context.tables, after, want), signal)
  }

  fetch(ids: readonly EventId[], signal?: AbortSignal): Promise<readonly LogEvent[]> {
    return this.#read(() => log.eventsOf(this.#context.tables, ids), signal)
  }

  apply(batch: contract.Batch<LogEvent>, signal?: AbortSignal): Promise<contract.Applied> {
    return this.#write(() => log.apply(this.#context, batch), signal)
  }

  link(id: LinkId, signal?: AbortSignal): Promise<contract.LinkState> {
    return this.#read(() => log.linkState(this.#context.tables, id), signal)
  }

  settle(settlement: contract.Settlement, signal?: AbortSignal): Promise<boolean> {
    return this.#write(() => log.settle(this.#context.tables, settlement), signal)
  }

  resetLink(id: LinkId, signal?: AbortSignal): Promise<void> {
    return this.#write(() => log.resetLink(this.#context.tables, id), signal)
  }

  knowledge(peer: Origin, signal?: AbortSignal): Promise<contract.PeerKnowledge> {
    return this.#read(() => log.knowledgeOf(this.#context.tables, peer), signal)
  }

  confirm(
    peer: LinkId,
    as: Origin,
    known: contract.PeerKnowledge,
    signal?: AbortSignal,
  ): Promise<contract.Confirmation> {
    return this.#write(() => log.confirm(this.#context, peer, as, known), signal)
  }

  renewOrigin(as: Origin, signal?: AbortSignal): Promise<void> {
    return this.#write(() => {
      if (this.#context.tables.meta.origin === as) log.renewOrigin(this.#context)
    }, signal)
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#watchers.watch(signal)
  }

  async close(): Promise<void> {
    if (this.#broken?.code === 'closed') return
    this.#broken = new RejoinError('closed', 'the store is closed', {
      operation: 'close',
      component: 'store/memory',
    })
    await this.#turn
    this.#watchers.close()
    await this.#journal?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #read<T>(work: () => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#exclusive(async () => work(), signal)
  }

  #write<T>(work: () => T, signal: AbortSignal | undefined): Promise<T> {
    return this.#exclusive(async () => {
      const result = work()
      this.#context.tables.meta.clock = this.#context.clock.last
      const commit = this.#context.tables.takeCommit()
      if (commit !== undefined && this.#journal !== undefined)
        await this.#flush(encodeCommit(commit))
      if (commit !== undefined && commit.rows.length > 0) this.#watchers.wake()
      return result
    }, signal)
  }

  async #flush(record: string): Promise<void> {
    try {
      await this.#journal?.append(record)
    } catch (cause) {
      // Memory is ahead of the journal now: nothing may be read or written from it any more.
      this.#broken = RejoinError.from(cause, {
        code: 'storage_io',
        operation: 'append',
        component: 'store/memory',
      })
      throw this.#broken
    }
  }

  /** One call at a time, in order, so that nobody reads what the journal does not have yet. */
  #exclusive<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    const turn = this.#turn.then(() => {
      signal?.throwIfAborted()
      return work()
    })
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function randomNode(runtime: Runtime): NodeId {
  return `n${uuidv7(runtime)().replaceAll('-', '').slice(-16)}` as NodeId
}

function freshMeta(node: NodeId, runtime: Runtime): log.LogMeta {
  return {
    node,
    origin: newOrigin(node, runtime),
    sequence: 0n,
    position: 0n as Position,
    clock: 0n,
    events: 0n,
    moved: 0n,
    clashes: 0n,
    vias: 0,
  }
}

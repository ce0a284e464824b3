import type * as contract from '../../contracts/index.ts'
import {
  defaultEventLimits,
  type EventId,
  type EventLimits,
  type LinkId,
  type LogEvent,
  type NewEvent,
  type Origin,
} from '../../event/index.ts'
import { type Runtime, uuidv7 } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'
import { append } from './append.ts'
import { apply } from './apply.ts'
import type { LogContext } from './context.ts'
import { draftsOf } from './drafts.ts'
import * as links from './links.ts'
import { changesAfter, entriesIn, eventsOf } from './pages.ts'
import { statusOf } from './status.ts'

/** How a driver runs the log's rules: synchronously, inside its transactions. */
export interface LogEngine {
  readonly runtime: Runtime
  /** On a consistent snapshot of what is durable. */
  read<T>(work: (log: LogContext) => T, signal: AbortSignal | undefined): Promise<T>
  /** Resolves when what `work` wrote is durable; what it throws leaves nothing behind. */
  write<T>(work: (log: LogContext) => T, signal: AbortSignal | undefined): Promise<T>
  watch(signal: AbortSignal): AsyncIterable<void>
  close(): Promise<void>
}

/** An event store over any engine. */
export class LogStore implements contract.EventStore {
  readonly #engine: LogEngine
  readonly #limits: EventLimits
  readonly #freshId: () => string

  constructor(engine: LogEngine, limits: Partial<EventLimits> = {}) {
    this.#engine = engine
    this.#limits = { ...defaultEventLimits, ...limits }
    this.#freshId = uuidv7(engine.runtime)
  }

  async append(
    events: readonly NewEvent[],
    { expected = 'any', signal }: contract.AppendOptions = {},
  ): Promise<contract.Appended | contract.Stale> {
    const drafts = draftsOf(events, expected, this.#limits, this.#engine.runtime, this.#freshId)
    return this.#engine.write((log) => append(log, drafts, expected), signal)
  }

  entries(range: contract.ReadRange, signal?: AbortSignal): Promise<contract.Entries> {
    return this.#engine.read(({ tables }) => entriesIn(tables, range), signal)
  }

  heads(aggregateId: string, signal?: AbortSignal): Promise<readonly EventId[]> {
    return this.#engine.read(
      ({ tables }) => tables.heads(aggregateId).map((head) => head.id),
      signal,
    )
  }

  status(signal?: AbortSignal): Promise<contract.StoreStatus> {
    return this.#engine.read(({ tables }) => statusOf(tables), signal)
  }

  identity(signal?: AbortSignal): Promise<contract.Identity> {
    return this.#engine.read(({ tables }) => links.identityOf(tables), signal)
  }

  changes(
    after: Cursor,
    want: contract.Want,
    signal?: AbortSignal,
  ): Promise<contract.ChangePage<LogEvent>> {
    return this.#engine.read(({ tables }) => changesAfter(tables, after, want), signal)
  }

  fetch(ids: readonly EventId[], signal?: AbortSignal): Promise<readonly LogEvent[]> {
    return this.#engine.read(({ tables }) => eventsOf(tables, ids), signal)
  }

  apply(batch: contract.Batch<LogEvent>, signal?: AbortSignal): Promise<contract.Applied> {
    return this.#engine.write((log) => apply(log, batch), signal)
  }

  link(id: LinkId, signal?: AbortSignal): Promise<contract.LinkState> {
    return this.#engine.read(({ tables }) => links.linkState(tables, id), signal)
  }

  settle(settlement: contract.Settlement, signal?: AbortSignal): Promise<boolean> {
    return this.#engine.write(({ tables }) => links.settle(tables, settlement), signal)
  }

  resetLink(id: LinkId, signal?: AbortSignal): Promise<void> {
    return this.#engine.write(({ tables }) => links.resetLink(tables, id), signal)
  }

  knowledge(peer: Origin, signal?: AbortSignal): Promise<contract.PeerKnowledge> {
    return this.#engine.read(({ tables }) => links.knowledgeOf(tables, peer), signal)
  }

  confirm(
    peer: LinkId,
    as: Origin,
    known: contract.PeerKnowledge,
    signal?: AbortSignal,
  ): Promise<contract.Confirmation> {
    return this.#engine.write((log) => links.confirm(log, peer, as, known), signal)
  }

  renewOrigin(as: Origin, signal?: AbortSignal): Promise<void> {
    return this.#engine.write((log) => {
      if (log.tables.meta.origin === as) links.renewOrigin(log)
    }, signal)
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#engine.watch(signal)
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

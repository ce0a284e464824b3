import type * as contract from '../../contracts/index.ts'
import { isSignal } from '../../errors/check.ts'
import type { EventId, EventLimits, Filter, LogEvent, NewEvent } from '../../event/index.ts'
import { type Runtime, uuidv7 } from '../../runtime/index.ts'
import type { Cursor, Position } from '../../version/index.ts'
import { append } from './append.ts'
import { apply } from './apply.ts'
import {
  checkAppendOptions,
  checkBatch,
  checkCompaction,
  checkErasure,
  checkText,
} from './check-calls.ts'
import { type CompactedLog, compactLog } from './compacting.ts'
import type { LogContext } from './context.ts'
import { draftsOf } from './drafts.ts'
import { type ErasureSlice, erasedAtOnce, eraseSlice } from './erase.ts'
import { LinkedStore, type StoreEngine } from './linked-store.ts'
import { answerPage, type PageAnswers, type PageKind, type PageRequest } from './page-request.ts'
import { keepReaders } from './readers.ts'
import { statusOf } from './status.ts'

/** What runs the rules of a log, and what only logs ask for. */
export interface LogEngine extends StoreEngine<LogContext> {
  readonly runtime: Runtime
  /** Has another thread answer it as `answerPage` would; `undefined` when that can't be. */
  readPage?<Kind extends PageKind>(
    request: PageRequest<Kind>,
    signal: AbortSignal | undefined,
  ): Promise<PageAnswers[Kind]> | undefined
  /** Makes sure that what was erased can't be read any more from what the engine keeps. */
  overwrite?(signal: AbortSignal | undefined): Promise<void>
  /** Gives back what compacted content took, where that is not reused by itself. */
  shrink?(signal: AbortSignal | undefined): Promise<void>
}

/** An event store over any engine. */
export class LogStore extends LinkedStore<LogContext> implements contract.EventStore {
  readonly #engine: LogEngine
  readonly #limits: EventLimits
  readonly #freshId: () => string

  constructor(engine: LogEngine, limits: EventLimits) {
    super(engine, 'store/log')
    this.#engine = engine
    this.#limits = limits
    this.#freshId = uuidv7(engine.runtime)
  }

  async append(
    events: readonly NewEvent[],
    options: contract.AppendOptions = {},
  ): Promise<contract.Appended | contract.Stale> {
    checkAppendOptions(options)
    const { expected = 'any', signal } = options
    const drafts = draftsOf(events, expected, this.#limits, this.#engine.runtime, this.#freshId)
    return this.#engine.write((log) => {
      const appended = append(log, drafts, expected)
      if (appended.kind === 'appended') keepReaders(log)
      return appended
    }, signal)
  }

  entries(range: contract.ReadRange = {}, signal?: AbortSignal): Promise<contract.Entries> {
    return this.#page<'entries'>({ kind: 'entries', range }, signal)
  }

  heads(aggregateId: string, signal?: AbortSignal): Promise<readonly EventId[]> {
    return this.read(
      'heads',
      ({ tables }) => {
        checkText('heads', 'aggregateId', aggregateId)
        return tables.heads(aggregateId).map((head) => head.id)
      },
      signal,
    )
  }

  status(signal?: AbortSignal): Promise<contract.StoreStatus> {
    return this.read('status', (log) => statusOf(log), signal)
  }

  async erase(what: contract.Erasure, signal?: AbortSignal): Promise<contract.Erased> {
    checkErasure(what)
    let erased = 0
    const unknown: EventId[] = []
    const erasePart = async (slice: ErasureSlice) => {
      const part = await this.write('erase', (log) => eraseSlice(log, slice), signal)
      erased += part.erased
      unknown.push(...part.unknown)
      return part.next
    }
    if ('aggregateId' in what) {
      const { aggregateId } = what
      const { position: until } = await this.status(signal)
      let after: Position | undefined = start
      while (after !== undefined) after = await erasePart({ aggregateId, after, until })
    } else
      for (let at = 0; at < what.length; at += erasedAtOnce)
        await erasePart({ ids: what.slice(at, at + erasedAtOnce) })
    await this.#engine.overwrite?.(signal)
    return { erased, unknown }
  }

  async compact(options: contract.CompactOptions = {}): Promise<contract.Compacted> {
    checkCompaction(options)
    const { signal } = options
    const log: CompactedLog = {
      read: (work) => this.read('compact', work, signal),
      write: (work) => this.write('compact', work, signal),
      entries: (range) => this.entries(range, signal),
    }
    const compacted = await compactLog(log, options)
    if (compacted.compacted > 0) await this.#engine.shrink?.(signal)
    return compacted
  }

  changes(
    after: Cursor,
    want: contract.Want,
    signal?: AbortSignal,
  ): Promise<contract.ChangePage<LogEvent>> {
    return this.#page<'changes'>({ kind: 'changes', after, want }, signal)
  }

  fetch(
    ids: readonly EventId[],
    signal?: AbortSignal,
    filter?: Filter,
  ): Promise<readonly LogEvent[]> {
    return this.#page<'fetch'>(
      { kind: 'fetch', ids, ...(filter === undefined ? {} : { filter }) },
      signal,
    )
  }

  apply(batch: contract.Batch<LogEvent>, signal?: AbortSignal): Promise<contract.Applied> {
    return this.write(
      'apply',
      (log) => {
        checkBatch(batch)
        const applied = apply(log, batch)
        if (batch.changes.length > 0 && applied.kind === 'applied') keepReaders(log)
        return applied
      },
      signal,
    )
  }

  #page<Kind extends PageKind>(
    request: PageRequest<Kind>,
    signal: AbortSignal | undefined,
  ): Promise<PageAnswers[Kind]> {
    const elsewhere = isSignal(signal) ? this.#engine.readPage?.(request, signal) : undefined
    return (
      elsewhere ??
      this.read(request.kind, ({ tables }) => answerPage<Kind>(tables, request), signal)
    )
  }
}

const start = 0n as Position

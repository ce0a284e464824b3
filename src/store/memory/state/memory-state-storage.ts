import { HybridClock } from '../../../clock/index.ts'
import type {
  StateCommit,
  StateCommitted,
  StatePolicies,
  StateRows,
  StateStale,
  StateStorage,
} from '../../../contracts/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import { newMark, type Position } from '../../../version/index.ts'
import { standingOf, Watchers } from '../../log/index.ts'
import {
  checkedStateOptions,
  commit,
  freshStateMeta,
  rowsOf,
  type StateContext,
  type StateEngine,
  type StateStorageOptions,
  StateStore,
  stateStorageOptionNames,
} from '../../state/index.ts'
import { MemoryStateTables } from './memory-state-tables.ts'

/** What a storage in memory answers without waiting. Throws `closed`. */
export interface StateAtHand {
  rows(paths: readonly string[]): StateRows
  commit(what: StateCommit): StateCommitted | StateStale
  /** Yields after commits that came another way. */
  watch(signal: AbortSignal): AsyncIterable<void>
}

/** A state storage in memory, gone with the process. */
export class MemoryStateStorage extends StateStore {
  readonly #engine: MemoryStateEngine

  static async open(options: StateStorageOptions = {}): Promise<MemoryStateStorage> {
    const { node, clock, logger, runtime, policies, signal } = checkedStateOptions(
      options,
      {
        operation: 'open',
        component: 'store/memory',
      },
      stateStorageOptionNames,
    )
    signal?.throwIfAborted()
    const tables = new MemoryStateTables(freshStateMeta(node, runtime))
    const mark = newMark(runtime)
    tables.addMark({ mark, first: 0n as Position })
    const context: StateContext = {
      tables,
      clock: new HybridClock(runtime, clock),
      runtime,
      logger,
      policies,
      mark,
      heardReaders: new Map(),
    }
    return new MemoryStateStorage(new MemoryStateEngine(context))
  }

  /**
   * The same as the storage's own calls, for a writer that need not wait; `undefined` for other storages, and where
   * something stands in front of these calls that wants to be asked.
   */
  static atHand(storage: StateStorage): StateAtHand | undefined {
    const { rows, commit } = MemoryStateStorage.prototype
    const isItself = #engine in storage && storage.rows === rows && storage.commit === commit
    return isItself ? storage.#engine.atHand() : undefined
  }

  private constructor(engine: MemoryStateEngine) {
    super(engine)
    this.#engine = engine
  }
}

class MemoryStateEngine implements StateEngine {
  readonly inMemory = true
  readonly policies: StatePolicies
  readonly #context: StateContext
  readonly #watchers = new Watchers()
  /** Of those who write at hand, and know of that. */
  readonly #writers: Watchers[] = []
  #isClosed = false

  constructor(context: StateContext) {
    this.#context = context
    this.policies = context.policies
  }

  async read<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    return work(this.#open())
  }

  async write<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    const { tables } = this.#open()
    const { position } = tables.meta
    const stood = standingOf(tables)
    const result = work(this.#context)
    if (tables.meta.position !== position || standingOf(tables) !== stood) this.#wake()
    return result
  }

  atHand(): StateAtHand {
    const own = new Watchers()
    this.#writers.push(own)
    return {
      rows: (paths) => rowsOf(this.#open(), paths),
      commit: (what) => {
        const committed = commit(this.#open(), what)
        if (committed.kind === 'committed') this.#wake(own)
        return committed
      },
      watch: (signal) => own.watch(signal),
    }
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#watchers.watch(signal)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const watchers of [this.#watchers, ...this.#writers]) watchers.close()
  }

  #wake(writer?: Watchers): void {
    this.#watchers.wake()
    for (const one of this.#writers) if (one !== writer) one.wake()
  }

  #open(): StateContext {
    if (this.#isClosed) throw closed()
    return this.#context
  }
}

function closed(): RejoinError {
  const where = { operation: 'use', component: 'store/memory' }
  return new RejoinError('closed', 'the storage is closed', where)
}

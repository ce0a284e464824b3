import { HybridClock } from '../../../clock/index.ts'
import type { StatePolicies } from '../../../contracts/index.ts'
import { RejoinError } from '../../../errors/index.ts'
import { newMark, type Position } from '../../../version/index.ts'
import { standingOf, Watchers } from '../../log/index.ts'
import {
  checkedStateOptions,
  freshStateMeta,
  type StateContext,
  type StateEngine,
  type StateStorageOptions,
  StateStore,
} from '../../state/index.ts'
import { MemoryStateTables } from './memory-state-tables.ts'

/** A state storage in memory, gone with the process. */
export class MemoryStateStorage extends StateStore {
  static async open(options: StateStorageOptions = {}): Promise<MemoryStateStorage> {
    const { node, clock, logger, runtime, policies, signal } = checkedStateOptions(options, {
      operation: 'open',
      component: 'store/memory',
    })
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
}

class MemoryStateEngine implements StateEngine {
  readonly inMemory = true
  readonly policies: StatePolicies
  readonly #context: StateContext
  readonly #watchers = new Watchers()
  #isClosed = false

  constructor(context: StateContext) {
    this.#context = context
    this.policies = context.policies
  }

  async read<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw closed()
    return work(this.#context)
  }

  async write<T>(work: (state: StateContext) => T, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw closed()
    const { tables } = this.#context
    const { position } = tables.meta
    const stood = standingOf(tables)
    const result = work(this.#context)
    if (tables.meta.position !== position || standingOf(tables) !== stood) this.#watchers.wake()
    return result
  }

  watch(signal: AbortSignal): AsyncIterable<void> {
    return this.#watchers.watch(signal)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#watchers.close()
  }
}

function closed(): RejoinError {
  const where = { operation: 'use', component: 'store/memory' }
  return new RejoinError('closed', 'the storage is closed', where)
}

import { RejoinError } from '../errors/index.ts'
import { idProblem, type LogEvent, snapshotType } from '../event/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { type DeadLetter, FoldFailure } from './failure.ts'
import { FoldCall } from './fold-call.ts'
import type { Item } from './item.ts'
import type { Projection } from './projection.ts'
import type { BatchFold, Fold, FoldedEvent, ProjectionOptions } from './projection-options.ts'
import type { KeyRecord } from './records.ts'

/** Told of an event that a fold can't take, and that the policy sets aside. */
export type Poisoned = (letter: DeadLetter, item: Item) => void

/** Folds events into states. */
export class Folding {
  /** The types of events that are folded; snapshots are never passed over. */
  readonly #types: ReadonlySet<string>
  readonly #takesSnapshots: boolean
  readonly #options: AnyOptions
  readonly #runtime: Runtime
  readonly #timeout: number

  constructor({ options }: Projection, runtime: Runtime) {
    // What the folds take in was settled where the projection was written.
    this.#options = options as unknown as AnyOptions
    const { on = {}, snapshot, batch, timeout = 30_000 } = this.#options
    this.#types = new Set(batch?.types ?? Object.keys(on).filter((type) => on[type] !== undefined))
    this.#takesSnapshots = this.#types.has(snapshotType) || snapshot !== undefined
    this.#runtime = runtime
    this.#timeout = timeout
  }

  /** Whether what an event counts as is to be folded. Newer code's events wait for the upgrade. */
  wants(type: string, { newer }: LogEvent): boolean {
    return type === snapshotType || (!newer && this.#types.has(type))
  }

  /** The key of an event; `undefined` for one that is nobody's. Throws a `FoldFailure`. */
  keyOf(event: FoldedEvent): string | undefined {
    const { key } = this.#options
    if (key === undefined) return event.aggregateId
    let made: unknown
    try {
      made = key(event)
    } catch (cause) {
      throw new FoldFailure(event, '', cause)
    }
    if (made === undefined) return undefined
    const problem = idProblem(made, mostKeyBytes)
    if (problem === undefined) return made as string
    throw new FoldFailure(event, '', new TypeError(`its key ${problem}`))
  }

  /**
   * The record with these items, which come after its own, folded in. A promise only if a fold waits: for keys of
   * an event or two, promises took as long as all else.
   */
  fold(
    key: string,
    record: KeyRecord,
    items: readonly Item[],
    signal: AbortSignal,
    poisoned: Poisoned,
  ): KeyRecord | Promise<KeyRecord> {
    const { batch } = this.#options
    const call = new FoldCall(key, signal, this.#runtime, this.#timeout)
    const folded = batch
      ? this.#foldBatch(
          batch.fold,
          record.state,
          this.#taken(items, call, poisoned),
          call,
          poisoned,
        )
      : this.#foldEach(record.state, items, 0, call, poisoned)
    const { place } = items.at(-1) as Item
    const count = record.count + items.length
    if (!isPromise(folded)) return { count, place, state: folded }
    return folded.then((state) => ({ count, place, state }))
  }

  #foldEach(
    from: unknown,
    items: readonly Item[],
    first: number,
    call: FoldCall,
    poisoned: Poisoned,
  ): unknown {
    let state = from
    for (let at = first; at < items.length; at++) {
      const item = items[at] as Item
      const { event } = item
      try {
        const next = this.#next(this.#state(state, call.key), event, call)
        if (isPromise(next)) return this.#foldWaiting(state, next, items, at, call, poisoned)
        state = next
      } catch (cause) {
        this.#setAside(cause, item, call, poisoned)
      }
    }
    return state
  }

  #next(state: unknown, event: FoldedEvent, call: FoldCall): unknown {
    const { on = {}, snapshot } = this.#options
    if (event.type === snapshotType) {
      this.#checkSnapshot(event)
      if (snapshot !== undefined) return snapshot(state, event.data, event)
    }
    return on[event.type]?.(state, event, call)
  }

  /** Of a batch, what it can take. */
  #taken(items: readonly Item[], call: FoldCall, poisoned: Poisoned): readonly Item[] {
    return items.filter((item) => {
      if (item.event.type !== snapshotType) return true
      try {
        this.#checkSnapshot(item.event)
        return true
      } catch (cause) {
        this.#setAside(cause, item, call, poisoned)
        return false
      }
    })
  }

  /** Whoever passed over a snapshot would begin from nothing, and nobody would notice. */
  #checkSnapshot(event: FoldedEvent): void {
    const { name, batch } = this.#options
    if ('newer' in event && event.newer === true)
      throw snapshotError('event_newer', `the snapshot is of a schema version newer than this code`)
    if (this.#takesSnapshots) return
    const what = batch
      ? `"${snapshotType}" to its batch.types`
      : 'a fold for it as its option "snapshot"'
    throw snapshotError('invalid_argument', `${name} does not fold snapshots: give it ${what}`)
  }

  /** Waits for the fold of the item at this place, and goes on after it. */
  async #foldWaiting(
    before: unknown,
    pending: Promise<unknown>,
    items: readonly Item[],
    at: number,
    call: FoldCall,
    poisoned: Poisoned,
  ): Promise<unknown> {
    let state = before
    try {
      state = await call.inTime(pending)
    } catch (cause) {
      this.#setAside(cause, items[at] as Item, call, poisoned)
    }
    return this.#foldEach(state, items, at + 1, call, poisoned)
  }

  async #foldBatch(
    fold: AnyFold,
    from: unknown,
    items: readonly Item[],
    call: FoldCall,
    poisoned: Poisoned,
  ): Promise<unknown> {
    if (items.length === 0) return from
    const events = items.map((item) => item.event)
    try {
      const next = fold(this.#state(from, call.key), events, call)
      return isPromise(next) ? await call.inTime(next) : next
    } catch (cause) {
      call.throwIfAborted()
      const [only] = items
      if (items.length === 1 && only !== undefined) {
        this.#setAside(cause, only, call, poisoned)
        return from
      }
    }
    // One of them is to blame, and the others are not to suffer.
    let state = from
    for (const item of items) state = await this.#foldBatch(fold, state, [item], call, poisoned)
    return state
  }

  #setAside(cause: unknown, item: Item, call: FoldCall, poisoned: Poisoned): void {
    call.throwIfAborted()
    const failure = new FoldFailure(item.event, call.key, cause)
    if (this.#options.poison !== 'deadLetter') throw failure
    poisoned(failure.letter, item)
  }

  /** Frozen: a fold that changed it in place would change what it is asked about the next time. */
  #state(state: unknown, key: string): unknown {
    const { initial } = this.#options
    const given =
      state !== undefined ? state : typeof initial === 'function' ? initial(key) : initial
    return typeof given === 'object' && given !== null ? Object.freeze(given) : given
  }
}

type AnyFold = Fold<unknown, unknown>

type AnyOptions = Omit<ProjectionOptions<object, unknown>, 'key' | 'on' | 'batch' | 'snapshot'> & {
  readonly key?: (event: FoldedEvent) => unknown
  readonly on?: Readonly<Record<string, AnyFold | undefined>>
  readonly snapshot?: (state: unknown, data: unknown, event: FoldedEvent) => unknown
  readonly batch?: Omit<BatchFold<object, unknown>, 'types' | 'fold'> & {
    readonly types: readonly string[]
    readonly fold: AnyFold
  }
}

function snapshotError(code: 'event_newer' | 'invalid_argument', message: string): RejoinError {
  return new RejoinError(code, message, { operation: 'fold', component: 'projection' })
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'
}

const mostKeyBytes = 1_024

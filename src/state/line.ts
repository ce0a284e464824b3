import type {
  StateCommit,
  StateCommitted,
  StateRow,
  StateStale,
  StateStorage,
} from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { StateAtHand } from '../store/memory/index.ts'
import type { Position } from '../version/index.ts'
import type { DecideTools, Made } from './decide.ts'
import { Gathering } from './gathering.ts'
import type { Operation } from './operation.ts'
import {
  changesOf,
  type Decided,
  decided,
  joined,
  type LineOutcome,
  partsOf,
  pathsOf,
  type Request,
} from './requests.ts'
import { View } from './view.ts'

export interface LineOptions extends DecideTools {
  readonly storage: StateStorage
  /** The same, where it is in memory and nothing stands in between. */
  readonly atHand: StateAtHand | undefined
  /** Whether a commit is written to a disk. */
  readonly isDurable: boolean
  readonly runtime: Runtime
  /** Tells of what others have written, up to this position; before anything of ours after it. */
  readonly tellOthers: (upTo: Position) => undefined | Promise<void>
  /** Whether there are no others to tell of, up to this position, and telling of ours takes no time. */
  readonly hasTold: (upTo: Position) => boolean
  /** Tells of one call's changes. */
  readonly tell: (told: Told) => undefined | Promise<void>
}

/** One call's changes, at their places. */
export interface Told {
  readonly rows: readonly StateRow[]
  readonly made: readonly Made[]
  readonly operations: readonly Operation[]
}

/**
 * A storage's one line of writers. Whatever waits when its turn comes is decided on one reading of the storage
 * and stored in one commit, that expects nobody to have written since; if somebody has, all of it is decided
 * anew. When a commit of several calls fails, each is tried by itself, so that an error reaches only the one
 * that caused it.
 *
 *     waiting --soon--> read --> decide --> commit --durable--> tell --> resolve
 *                        ^                    |
 *                        +------- stale ------+
 */
export class Line {
  readonly #options: LineOptions
  #waiting: Request[] = []
  #turn: Promise<void> | undefined
  #isClosed = false
  readonly #gathering: Gathering | undefined

  constructor(options: LineOptions) {
    this.#options = options
    this.#gathering = options.isDurable ? new Gathering(options.runtime) : undefined
  }

  /** All of the operations, or none. */
  add(operations: readonly Operation[], signal?: AbortSignal): Promise<LineOutcome> {
    return this.#enter(operations, signal)
  }

  /** Tells of what others have written. */
  async lookAround(): Promise<void> {
    await this.#enter([], undefined)
  }

  /** Resolves when nothing is waiting or under way. */
  async rest(): Promise<void> {
    while (this.#turn !== undefined) await this.#turn
  }

  /** Waits for all that was added before. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.rest()
  }

  #enter(operations: readonly Operation[], signal: AbortSignal | undefined): Promise<LineOutcome> {
    if (this.#isClosed) return Promise.reject(closed())
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const request: Request = { operations, signal, begin: () => {}, resolve, reject }
      if (this.#didAtOnce(request)) return
      // From its turn on it is carried through; until then it can be called off.
      if (signal !== undefined && this.#mustWait) this.#listen(request, signal)
      this.#waiting.push(request)
      this.#turn ??= this.#run()
    })
  }

  /** Otherwise its turn comes before anybody else's. */
  get #mustWait(): boolean {
    return this.#turn !== undefined || this.#options.isDurable
  }

  #listen(request: Request, signal: AbortSignal): void {
    const withdraw = () => this.#withdraw(request, signal.reason)
    signal.addEventListener('abort', withdraw, { once: true })
    request.begin = () => signal.removeEventListener('abort', withdraw)
  }

  #withdraw(request: Request, reason: unknown): void {
    this.#waiting.splice(this.#waiting.indexOf(request), 1)
    request.reject(reason)
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Who only looks has nothing to share.
      const writes = this.#waiting.some(({ operations }) => operations.length > 0)
      const gathering = writes ? this.#gathering : undefined
      // In memory, calls made in the same turn of the loop share a commit.
      await gathering?.gather(() => this.#waiting.length)
      const taken = this.#take()
      await (gathering?.commit(taken.length, () => this.#serve(taken)) ?? this.#serve(taken))
    }
    this.#turn = undefined
  }

  #take(): Request[] {
    let operations = 0
    let count = 0
    for (const request of this.#waiting) {
      operations += request.operations.length
      if (count > 0 && operations > mostOperations) break
      count++
    }
    const taken = this.#waiting.splice(0, count)
    for (const { begin } of taken) begin()
    return taken.filter(({ signal, reject }) => {
      if (signal?.aborted) reject(signal.reason)
      return !signal?.aborted
    })
  }

  async #serve(requests: readonly Request[]): Promise<void> {
    if (requests.length === 0) return
    try {
      await this.#commit(requests)
    } catch (error) {
      if (requests.length === 1) return requests[0]?.reject(error)
      for (const request of requests) await this.#serve([request])
    }
  }

  async #commit(requests: readonly Request[]): Promise<void> {
    const { storage, clock, tellOthers } = this.#options
    for (;;) {
      const view = await this.#read(requests)
      clock.resume(view.clock)
      const telling = tellOthers(view.end)
      if (telling !== undefined) await telling
      const batch = requests.map((request) => decided(view, request, this.#options))
      const changes = batch.flatMap(changesOf)
      const rows = await stored(storage, { expects: view.end, changes, clock: clock.last })
      if (rows === undefined) continue
      const end = rows.at(-1)?.position ?? view.end
      let from = 0
      for (const one of batch) {
        const parts = partsOf(one, rows, from)
        for (const { length } of one.made) from += length
        const listening = this.#told(one, parts)
        if (listening !== undefined) await listening
        one.settle(parts, end)
      }
      return
    }
  }

  /**
   * What nobody has to wait for, in memory: it is done when this returns. Half of what a write took went into
   * promises.
   */
  #didAtOnce(request: Request): boolean {
    const { atHand, clock, hasTold } = this.#options
    if (atHand === undefined || this.#turn !== undefined) return false
    const paths = pathsOf(request.operations)
    if (paths === undefined) return false
    // Whoever is called in here and writes comes after it.
    this.#turn = underWay
    try {
      const view = View.of(paths, atHand.rows(paths))
      if (!hasTold(view.end)) return false
      clock.resume(view.clock)
      const one = decided(view, request, this.#options)
      const changes = changesOf(one)
      const commit = { expects: view.end, changes, clock: clock.last }
      const rows = changes.length === 0 ? [] : rowsIn(atHand.commit(commit))
      const parts = partsOf(one, rows, 0)
      void this.#told(one, parts)
      one.settle(parts, rows.at(-1)?.position ?? view.end)
    } catch (error) {
      request.reject(error)
    } finally {
      this.#turn = this.#waiting.length > 0 ? this.#run() : undefined
    }
    return true
  }

  #told({ request, made }: Decided, parts: readonly (readonly StateRow[])[]) {
    const rows = joined(parts)
    if (rows.length === 0) return undefined
    return this.#options.tell({ rows, made: joined(made), operations: request.operations })
  }

  #read(requests: readonly Request[]): Promise<View> {
    const paths = new Set<string>()
    const patterns = new Set<string>()
    for (const { operations } of requests)
      for (const operation of operations)
        if (operation.kind === 'clear') patterns.add(operation.pattern)
        else paths.add(operation.path)
    return View.read(this.#options.storage, [...paths], [...patterns])
  }
}

function rowsIn(answer: StateCommitted | StateStale): readonly StateRow[] {
  if (answer.kind === 'committed') return answer.rows
  throw new Error('somebody has written while nobody could')
}

/** `undefined` when somebody else has written since. */
async function stored(
  storage: StateStorage,
  commit: StateCommit,
): Promise<readonly StateRow[] | undefined> {
  if (commit.changes.length === 0) return []
  const answer = await storage.commit(commit)
  return answer.kind === 'stale' ? undefined : answer.rows
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the state is closed', {
    operation: 'write',
    component: 'state',
  })
}

const mostOperations = 1_000
/** A turn that is over before anybody can wait for it. */
const underWay = Promise.resolve()

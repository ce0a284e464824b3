import type { StateChange, StateRow, StateStorage } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Position } from '../version/index.ts'
import { type DecideTools, type Decision, decide, type Made } from './decide.ts'
import { Gathering } from './gathering.ts'
import type { Operation } from './operation.ts'
import type { Absent, Kept, Stale } from './state.ts'
import { View } from './view.ts'

export interface LineOptions extends DecideTools {
  readonly storage: StateStorage
  /** Whether a commit is written to a disk. */
  readonly isDurable: boolean
  readonly runtime: Runtime
  /** Tells of what others have written, up to this position; before anything of ours after it. */
  readonly tellOthers: (upTo: Position) => undefined | Promise<void>
  /** Tells of one call's changes. */
  readonly tell: (told: Told) => undefined | Promise<void>
}

/** One call's changes, at their places. */
export interface Told {
  readonly rows: readonly StateRow[]
  readonly made: readonly Made[]
  readonly operations: readonly Operation[]
}

export type LineOutcome =
  /** The rows of each operation. */
  | {
      readonly kind: 'written'
      readonly rows: readonly (readonly StateRow[])[]
      readonly end: Position
    }
  | { readonly kind: 'refused'; readonly at: number; readonly result: Stale | Kept | Absent }

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
      // In memory, calls made in the same turn of the loop share a commit.
      await this.#gathering?.gather(() => this.#waiting.length)
      const taken = this.#take()
      await (this.#gathering?.commit(taken.length, () => this.#serve(taken)) ?? this.#serve(taken))
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
    const { storage, clock, tell, tellOthers } = this.#options
    for (;;) {
      const view = await this.#read(requests)
      clock.resume(view.clock)
      const telling = tellOthers(view.end)
      // A microtask saved where there is nothing to wait for: in memory these are the time that a write takes.
      if (telling !== undefined) await telling
      const decided = requests.map((request) => this.#decide(view, request))
      const changes = decided.flatMap(({ made }) => joined(made).map(({ change }) => change))
      const rows = await stored(storage, view.end, changes)
      if (rows === undefined) continue
      let from = 0
      for (const { request, made, settle } of decided) {
        const parts = made.map((part) => {
          from += part.length
          return rows.slice(from - part.length, from)
        })
        const own = joined(parts)
        if (own.length > 0) {
          const listening = tell({ rows: own, made: joined(made), operations: request.operations })
          if (listening !== undefined) await listening
        }
        settle(parts, rows.at(-1)?.position ?? view.end)
      }
      return
    }
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

  #decide(view: View, request: Request): Decided {
    const { operations, resolve, reject } = request
    const nothing = { request, made: [] }
    // Several operations come all or none; a single one enters the view only when it is decided.
    const draft = operations.length > 1 ? view.fork() : view
    const made: (readonly Made[])[] = []
    try {
      for (const [at, operation] of operations.entries()) {
        const decision: Decision = decide(draft, operation, this.#options)
        if (decision.kind === 'refused')
          return {
            ...nothing,
            settle: () => resolve({ kind: 'refused', at, result: decision.result }),
          }
        made.push(decision.made)
      }
    } catch (error) {
      return { ...nothing, settle: () => reject(error) }
    }
    if (draft !== view) for (const { change } of made.flat()) view.write(change)
    return { request, made, settle: (rows, end) => resolve({ kind: 'written', rows, end }) }
  }
}

interface Request {
  readonly operations: readonly Operation[]
  readonly signal: AbortSignal | undefined
  begin: () => void
  readonly resolve: (outcome: LineOutcome) => void
  readonly reject: (error: unknown) => void
}

interface Decided {
  readonly request: Request
  /** Of each operation. */
  readonly made: readonly (readonly Made[])[]
  readonly settle: (rows: readonly (readonly StateRow[])[], end: Position) => void
}

/** Of mostly one part. */
function joined<T>(parts: readonly (readonly T[])[]): readonly T[] {
  return parts.length === 1 ? (parts[0] as readonly T[]) : parts.flat()
}

/** `undefined` when somebody else has written since `expects`. */
async function stored(
  storage: StateStorage,
  expects: Position,
  changes: readonly StateChange[],
): Promise<readonly StateRow[] | undefined> {
  if (changes.length === 0) return []
  const answer = await storage.commit({ expects, changes })
  return answer.kind === 'stale' ? undefined : answer.rows
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the state is closed', {
    operation: 'write',
    component: 'state',
  })
}

const mostOperations = 1_000

import {
  type FeedRange,
  objectOf,
  type StateObject,
  type StateRow,
  type StateStorage,
} from '../contracts/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { MemoryStateStorage, type StateAtHand } from '../store/memory/index.ts'
import type { Lineage, Position } from '../version/index.ts'
import { Line, type Told } from './line.ts'
import { changeOf, type Listener, Notices } from './notices.ts'
import type { Operation } from './operation.ts'
import type { LineOutcome } from './requests.ts'
import type { ListOptions, Snapshot } from './state.ts'
import type { StateClock } from './state-clock.ts'
import { positionIn, versionText } from './version-text.ts'

export interface ShelfOptions {
  readonly storage: StateStorage
  /** Whether a commit is written to a disk; a copy in memory in front of it doesn't matter. */
  readonly isDurable: boolean
  readonly clock: StateClock
  readonly dataBytes: number
  readonly runtime: Runtime
  readonly logger: Logger
}

/** One storage with its line of writers and its listeners. */
export class Shelf {
  readonly storage: StateStorage
  readonly notices: Notices
  readonly #line: Line
  readonly #atHand: StateAtHand | undefined
  readonly #logger: Logger
  readonly #closing = new AbortController()
  #lineage: Lineage
  #knowsMark = false
  /** Listeners know of everything up to here. */
  #told: Position
  #following: Promise<void>

  static async open(options: ShelfOptions): Promise<Shelf> {
    const { end, clock } = await options.storage.rows([])
    options.clock.resume(clock)
    return new Shelf(options, await options.storage.lineage(), end)
  }

  private constructor(options: ShelfOptions, lineage: Lineage, end: Position) {
    const { storage, logger } = options
    this.storage = storage
    this.notices = new Notices(logger)
    this.#logger = logger
    this.#lineage = lineage
    this.#told = end
    const atHand = MemoryStateStorage.atHand(storage)
    this.#atHand = atHand
    this.#line = new Line({
      ...options,
      policies: storage.policies,
      atHand,
      hasTold: (upTo) => this.#knowsMark && this.#told === upTo,
      tellOthers: (upTo) => this.#tellOthers(upTo),
      tell: (told) => this.#tell(told),
    })
    this.#following = this.#follow(atHand ?? storage)
  }

  write(operations: readonly Operation[], signal?: AbortSignal): Promise<LineOutcome> {
    return this.#line.add(operations, signal)
  }

  /** What is at hand is answered without a promise; what is wrong with the storage or the signal is thrown then. */
  get(
    path: string,
    signal?: AbortSignal,
  ): StateObject | undefined | Promise<StateObject | undefined> {
    if (this.#atHand === undefined)
      return this.storage.rows([path], signal).then(({ found }) => objectOf(found[0]?.row))
    signal?.throwIfAborted()
    return objectOf(this.#atHand.rows([path]).found[0]?.row)
  }

  async snapshot(pattern: string, { signal, ...range }: ListOptions = {}): Promise<Snapshot> {
    const { rows, end } = await this.storage.list({ pattern, ...range }, signal)
    const objects = rows.map((row) => objectOf(row) as StateObject)
    return { objects, position: end, version: this.version(end) }
  }

  version(position: Position): string {
    return versionText(this.#lineage, position)
  }

  async changedSince(pattern: string, version: string, signal?: AbortSignal): Promise<boolean> {
    const latest = await this.storage.latest(pattern, signal)
    const { end, horizon } = await this.storage.rows([], signal)
    const position = positionIn(this.#lineage, version)
    return position === undefined || position > end || position < horizon || position < latest
  }

  /** Aborted when this is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  listen(pattern: string, listener: Listener): () => void {
    return this.notices.add(pattern, listener)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#line.close()
    await this.storage.close()
    await this.#following
  }

  #tell(told: Told): undefined | Promise<void> {
    this.#told = (told.rows.at(-1) as StateRow).position
    if (!this.#knowsMark) return this.#learnMark().then(() => this.#tellListeners(told))
    this.#tellListeners(told)
    return undefined
  }

  #tellListeners({ rows, made, operations }: Told): void {
    if (this.notices.areUnheard) return
    const changes = rows.map((row, at) => changeOf(row, objectOf(made[at]?.before)))
    const [only] = operations
    const isClear = operations.length === 1 && only?.kind === 'clear'
    this.notices.tell(changes, (at) => this.version(at), isClear ? only.pattern : undefined)
  }

  #tellOthers(upTo: Position): undefined | Promise<void> {
    return this.#told < upTo ? this.#readOthers(upTo) : undefined
  }

  async #readOthers(upTo: Position): Promise<void> {
    while (this.#told < upTo) {
      const range: FeedRange = { after: this.#told, upTo }
      const { rows, next } = await this.storage.feed(range)
      this.#told = next
      const before = this.#lineage
      this.#lineage = await this.storage.lineage()
      if (isOther(before, this.#lineage))
        this.notices.tellBehind(this.#told, this.version(this.#told))
      this.notices.tell(
        rows.map((row) => changeOf(row)),
        (at) => this.version(at),
      )
    }
  }

  /** The first change after an opening brings a mark of its own. What is stored is stored, so this never throws. */
  async #learnMark(): Promise<void> {
    try {
      this.#lineage = await this.storage.lineage()
      this.#knowsMark = true
    } catch (error) {
      this.#logger.warn('the lineage of state could not be read', { error })
    }
  }

  async #lookAround(): Promise<void> {
    const { end } = await this.storage.rows([])
    if (end > this.#told) await this.#line.lookAround()
  }

  async #follow(storage: Pick<StateStorage, 'watch'>): Promise<void> {
    const { signal } = this.#closing
    const failed = (error: unknown) => {
      if (!signal.aborted) this.#logger.warn('changes of state could not be read', { error })
    }
    try {
      for await (const _ of storage.watch(signal)) {
        // Mostly it was the line itself, which has told of it once it rests.
        await this.#line.rest()
        if (signal.aborted) return
        await this.#lookAround().catch(failed)
      }
    } catch (error) {
      failed(error)
    }
  }
}

/** The feed has begun anew since: see `StateStorage.forget`. */
function isOther({ marks: before }: Lineage, { marks: now }: Lineage): boolean {
  const first = before[0]?.mark
  return first !== undefined && now.every(({ mark }) => mark !== first)
}

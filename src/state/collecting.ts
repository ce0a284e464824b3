import type { StateStorage, Sweep } from '../contracts/index.ts'
import { fields, type Known, timerTime, type Where, wholeNumber } from '../errors/check.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'

/** When tombstones go: see `StateStorage.sweep`. Times in milliseconds. */
export interface CollectingOptions extends Partial<Sweep> {
  /** From one look to the next; the first is after a minute, or sooner. Default 1 hour. */
  readonly every?: number
}

/** Lets the tombstones of a storage go that nobody needs any more, now and then, until it is closed. */
export class Collecting {
  readonly #storage: StateStorage
  readonly #settings: Required<CollectingOptions>
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #closing = new AbortController()
  readonly #holds = new Set<() => boolean>()
  #timer: Timer | undefined
  #sweeping: Promise<void> = Promise.resolve()

  constructor(
    storage: StateStorage,
    settings: Required<CollectingOptions>,
    { runtime, logger }: { readonly runtime: Runtime; readonly logger: Logger },
  ) {
    this.#storage = storage
    this.#settings = settings
    this.#runtime = runtime
    this.#logger = logger
    this.#arm(Math.min(settings.every, firstLook))
  }

  /** Nothing goes as long as this says so; answers with a way to end that. */
  hold(isHeld: () => boolean): () => void {
    this.#holds.add(isHeld)
    return () => this.#holds.delete(isHeld)
  }

  /** What is under way is finished. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#timer?.cancel()
    await this.#sweeping
  }

  #arm(ms: number): void {
    if (this.#closing.signal.aborted) return
    this.#timer = this.#runtime.timer(ms, () => {
      this.#sweeping = this.#sweep().finally(() => this.#arm(this.#settings.every))
    })
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#closing
    const { minimumAge, horizon } = this.#settings
    if ([...this.#holds].some((isHeld) => isHeld())) return
    try {
      // Each is a commit of its own, so that writes come in between.
      while (!signal.aborted && (await this.#storage.sweep({ minimumAge, horizon })).more);
    } catch (error) {
      if (!signal.aborted) this.#logger.warn('tombstones could not be collected', { error })
    }
  }
}

/** With their defaults; throws `invalid_argument`. */
export function checkedCollecting(
  given: CollectingOptions,
  where: Where,
): Required<CollectingOptions> {
  const checked = fields('collecting', given, where, collectingOptionNames)
  const { every = hour, minimumAge = day, horizon = 30 * day } = checked
  timerTime('collecting.every', every, where)
  wholeNumber('collecting.minimumAge', minimumAge, where)
  wholeNumber('collecting.horizon', horizon, where, { from: 1 })
  return { every, minimumAge, horizon }
}

const firstLook = 60_000
const hour = 60 * 60 * 1_000
const day = 24 * hour

const collectingOptionNames: Known<CollectingOptions> = {
  every: true,
  minimumAge: true,
  horizon: true,
}

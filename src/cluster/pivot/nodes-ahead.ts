import type { Logger } from '../../ports/index.ts'
import { type Runtime, type Timer, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'

export interface NodesAheadOptions {
  /** Nodes of the original that are there. */
  readonly nodes: () => readonly string[]
  /** The keys that this server leads. */
  readonly keys: () => readonly string[]
  /** How far a node has come with a key. */
  readonly theirs: (address: string, key: string, signal: AbortSignal) => Promise<bigint>
  /** How far it may have come with what it was told. */
  readonly ours: (key: string, signal: AbortSignal) => Promise<bigint>
  /** It has something that is not here, and will not send it again. */
  readonly onAhead: (address: string, key: string) => void
  readonly runtime: Runtime
  readonly logger: Logger
}

/**
 * Asks nodes of the original now and then how far they have come. One that was cut off too shortly to be missed keeps
 * what it could not send to itself, and is further than this server, twice in a row: what is on its way would be here.
 */
export class NodesAhead {
  readonly #options: NodesAheadOptions
  readonly #seen = new Map<string, { readonly activity: bigint; readonly isTold: boolean }>()
  readonly #end = new AbortController()
  #timer: Timer | undefined
  #looking: Promise<unknown> = Promise.resolve()

  constructor(options: NodesAheadOptions) {
    this.#options = options
    this.#wait()
  }

  /** Calls under way end. Idempotent. */
  async close(): Promise<void> {
    this.#end.abort(new Error('the cluster is closed'))
    this.#timer?.cancel()
    await this.#looking
  }

  #wait(): void {
    if (this.#end.signal.aborted) return
    this.#timer = this.#options.runtime.timer(pause, () => {
      this.#looking = this.#look().finally(() => this.#wait())
    })
  }

  async #look(): Promise<void> {
    const { nodes, keys } = this.#options
    const there = nodes()
    const ids = new Set(there.flatMap((address) => keys().map((key) => idOf(address, key))))
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id)
    await Promise.all(
      there.map(async (address) => {
        for (const key of keys()) await this.#ask(address, key)
      }),
    )
  }

  async #ask(address: string, key: string): Promise<void> {
    const { theirs, ours, onAhead, runtime, logger } = this.#options
    const { signal } = this.#end
    const id = idOf(address, key)
    const before = this.#seen.get(id)
    try {
      const late = () => new Error(`no answer within ${patience} ms`)
      const activity = await withDeadline(runtime, patience, signal, late, (inner) =>
        untilAborted(inner, theirs(address, key, inner)),
      )
      const isStill = before?.activity === activity
      const isAhead = isStill && !before.isTold && activity > (await ours(key, signal))
      this.#seen.set(id, { activity, isTold: isStill && (before.isTold || isAhead) })
      if (isAhead) onAhead(address, key)
    } catch (error) {
      this.#seen.delete(id)
      logger.debug('a node did not say how far it is', { peer: address, key, error })
    }
  }
}

function idOf(address: string, key: string): string {
  return `${key} ${address}`
}

/** Milliseconds between two looks. */
const pause = 3_000
/** Milliseconds for one answer. */
const patience = 5_000

import type { Logger } from '../../ports/index.ts'
import { type Runtime, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'

export interface NodeDoubtsOptions {
  /** Takes over what a node has under a key, where it is newer than what stands here. */
  readonly take: (address: string, key: string, signal: AbortSignal) => Promise<void>
  /** Somebody was not told how far a key has come, and may be now. */
  readonly onTold: (key: string) => void
  readonly signal: AbortSignal
  readonly runtime: Runtime
  readonly logger: Logger
}

/**
 * Nodes of the original that may have written what they could not send: new ones, and those that were away. Such a
 * node sends nothing a second time; it asks for our activity before it answers any read, ours too, and if that is
 * greater than its own it takes our list and drops whatever is not in it. So what it has is taken over first:
 *
 *     node ── activity? ──▶ leader ── list? ──▶ node ── activity? ──▶ leader
 *                                                    ◀── 0: stay as you are
 *                                  ◀── list ──
 *          ◀── activity, all of that in it ──
 */
export class NodeDoubts {
  readonly #options: NodeDoubtsOptions
  readonly #keys = new Map<string, Set<string>>()
  readonly #taking = new Map<string, Map<string, Promise<void>>>()
  /** By key and address: when it may be tried again on behalf of who asks. */
  readonly #pauses = new Map<string, number>()
  readonly #untold = new Set<string>()

  constructor(options: NodeDoubtsOptions) {
    this.#options = options
  }

  add(address: string, key: string): void {
    const keys = this.#keys.get(address) ?? new Set()
    this.#keys.set(address, keys.add(key))
  }

  /** The keys of a node that were not looked at yet. */
  of(address: string): readonly string[] {
    return [...(this.#keys.get(address) ?? [])]
  }

  forget(address: string): void {
    this.#keys.delete(address)
  }

  /** Resolves when what the node has under the key is here; at once when that is beyond doubt. */
  settle(address: string, key: string): Promise<void> {
    if (this.#keys.get(address)?.has(key) !== true) return Promise.resolve()
    const nodes = this.#taking.get(key) ?? new Map<string, Promise<void>>()
    const under = nodes.get(address)
    if (under !== undefined) return under
    this.#taking.set(key, nodes)
    const taking = this.#take(address, key).finally(() => {
      nodes.delete(address)
      if (nodes.size > 0) return
      this.#taking.delete(key)
      if (this.#untold.delete(key)) this.#options.onTold(key)
    })
    nodes.set(address, taking)
    return taking
  }

  /**
   * Whether a node may hear how far a key has come. Looks first for those that were away: whoever asks may be one of
   * them, and nothing tells which.
   */
  async mayTell(key: string): Promise<boolean> {
    const under = this.#taking.get(key)
    if (under !== undefined) {
      if (await this.#isOver([...under.values()])) return true
      this.#untold.add(key)
      return false
    }
    const now = this.#options.runtime.monotonic()
    const open = [...this.#keys.keys()].filter(
      (address) =>
        this.#keys.get(address)?.has(key) && now >= (this.#pauses.get(`${key} ${address}`) ?? 0),
    )
    await Promise.allSettled(open.map((address) => this.settle(address, key)))
    return true
  }

  /** Soon: a node that is being looked at waits for it. */
  #isOver(taking: readonly Promise<void>[]): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#options.runtime.timer(briefly, () => resolve(false))
      void Promise.allSettled(taking).then(() => {
        timer.cancel()
        resolve(true)
      })
    })
  }

  async #take(address: string, key: string): Promise<void> {
    const { take, signal, runtime, logger } = this.#options
    const began = runtime.monotonic()
    const late = () => new Error(`no list within ${patience} ms`)
    try {
      await withDeadline(runtime, patience, signal, late, (inner) =>
        untilAborted(inner, take(address, key, inner)),
      )
      this.#keys.get(address)?.delete(key)
      this.#pauses.delete(`${key} ${address}`)
    } catch (error) {
      // Nobody who asks is to wait for the same dead node most of the time.
      const now = runtime.monotonic()
      this.#pauses.set(`${key} ${address}`, now + 2 * (now - began))
      logger.debug('what a node has could not be looked at', { peer: address, key, error })
      throw error
    }
  }
}

/** Milliseconds, of the 10,000 that a node waits for the beginning of an answer. */
const patience = 4_000
/** Milliseconds: longer than it takes to find nothing at an address. */
const briefly = 50

import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import type { Storages } from '../configuration/storages.ts'
import type { PeerNetwork } from '../peer-network.ts'
import type { Peer } from '../peers/peer.ts'
import { isStatus } from './calls.ts'
import { NodesAhead } from './nodes-ahead.ts'
import { PivotNotifier } from './notifier.ts'
import { keyProblem, type PivotKey } from './pivot-keys.ts'
import { noCounts, type PeerChange } from './route-options.ts'
import { type Shared, sharedBy } from './shared-keys.ts'
import { type Held, takeHeld } from './take-held.ts'

export interface NoticesOptions {
  readonly network: PeerNetwork
  readonly storages: Storages
  readonly peers: () => readonly Peer[]
  /** The keys that this server leads. */
  readonly led: () => readonly KeyPlan[]
  /** A node was called; how it is may be seen anew. */
  readonly onOutcome: (address: string) => void
  readonly runtime: Runtime
  readonly logger: Logger
}

/** Tells nodes of the original what is committed under the keys that this server leads. Our own kind follows. */
export class Notices {
  /** What became of what such nodes have sent. */
  readonly counts = noCounts()
  readonly #options: NoticesOptions
  readonly #notifier: PivotNotifier | undefined
  readonly #ahead: NodesAhead | undefined
  readonly #shared: () => Shared
  #known: readonly PivotKey[] = []

  constructor(options: NoticesOptions) {
    this.#options = options
    const { network, onOutcome, runtime, logger } = options
    const { notify, held, activity } = network
    this.#shared = sharedBy(() => this.#sameKeys())
    if (notify === undefined) return
    this.#notifier = new PivotNotifier({
      ...{ runtime, logger },
      keys: () => this.#keys(),
      nodes: () => this.#nodes(),
      call: (address, key, signal) => notify(address, key, signal),
      ...(held && { take: (address, key, signal) => this.#take(address, key, signal) }),
      onOutcome: (address, isWell) => {
        if (!isWell) onOutcome(address)
      },
    })
    if (held === undefined || activity === undefined) return
    this.#ahead = new NodesAhead({
      ...{ runtime, logger },
      nodes: () => this.#nodes().flatMap(({ address, healthy }) => (healthy ? [address] : [])),
      keys: () => this.#keys().map(({ path }) => path),
      theirs: (address, key, signal) => activity(address, key, signal),
      ours: (key, signal) => this.#latest(key, signal),
      onAhead: (address, key) => this.#notifier?.doubt(address, key),
    })
  }

  /** A node's change is about to be stored: it need not be told of it. */
  coming(change: PeerChange): void {
    this.#notifier?.coming(change)
  }

  /** A node has sent what is older than what stands here. */
  tell(address: string, key: string): void {
    this.#notifier?.tell(address, key)
  }

  /** Whether nodes may hear now how far a key has come. */
  async mayTell(key: string): Promise<boolean> {
    return (await this.#notifier?.mayTell(key)) ?? true
  }

  /** What nodes are told of the greatest time under a key. */
  shown(key: string, latest: bigint): bigint {
    return this.#notifier?.shown(key, latest) ?? latest
  }

  /** Peers or keys may be others than before. Storages are followed as soon as there is a node to be told. */
  look(): void {
    if (this.#notifier === undefined) return
    if (this.#nodes().length > 0)
      for (const storage of new Set(this.#keys().map((key) => key.storage)))
        this.#notifier.follow(storage).catch((error: unknown) => {
          this.#options.logger.warn('a storage could not be followed for the nodes', { error })
        })
    this.#notifier.look()
  }

  async close(): Promise<void> {
    await this.#ahead?.close()
    await this.#notifier?.close()
  }

  async #latest(path: string, signal: AbortSignal): Promise<bigint> {
    const { keys, activity } = this.#shared()
    const key = keys.all.find((one) => one.path === path)
    return key === undefined ? 0n : this.shown(path, await activity(key, signal))
  }

  /** The same list as long as there is the same in it: what was read of it need not be read again. */
  #sameKeys(): readonly PivotKey[] {
    const now = this.#keys()
    const isSame =
      now.length === this.#known.length &&
      now.every(({ path, storage }, at) => {
        const known = this.#known[at]
        return known?.path === path && known.storage === storage
      })
    if (!isSame) this.#known = now
    return this.#known
  }

  async #take(address: string, path: string, signal: AbortSignal): Promise<void> {
    const { network, runtime, logger } = this.#options
    const key = this.#keys().find((one) => one.path === path)
    if (key === undefined || keyProblem(path) !== undefined) return
    const held = await heldOf(network, address, path, signal)
    if (held === undefined) return
    const { count, differs } = await takeHeld(key, held, address, runtime, signal)
    if (count > 0)
      logger.info('a node had what it could not send', { peer: address, key: path, count })
    // With a clock far ahead of this one it would have all others pull for ever.
    const isPast = held.activity <= BigInt(runtime.now() + clockSlack) * 1_000_000n
    if (differs && isPast) this.#notifier?.differs(address, path, held.activity)
  }

  #nodes() {
    return this.#options
      .peers()
      .filter(({ view }) => view.kind === 'pivot')
      .map(({ address, isThere }) => ({ address, healthy: isThere === true }))
  }

  #keys(): readonly PivotKey[] {
    const { led, storages } = this.#options
    return led().map(({ path, storage }) => ({ path, storage: storages.get(storage).replica }))
  }
}

/** `undefined`: it does not share the key. */
async function heldOf(
  network: PeerNetwork,
  address: string,
  key: string,
  signal: AbortSignal,
): Promise<Held | undefined> {
  try {
    return await network.held?.(address, key, signal)
  } catch (error) {
    if (isStatus(error, [404])) return undefined
    throw error
  }
}

/** Milliseconds. */
const clockSlack = 10_000

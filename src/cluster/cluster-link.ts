import type { LinkedChange, StateStorage, Transport } from '../contracts/index.ts'
import type { Filter, LinkId } from '../event/index.ts'
import { Link, type LinkClosing, timed, type Unsent } from '../link/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { patternFilter } from '../store/state/index.ts'
import type { DesiredLink } from './desired-links.ts'
import { recordPattern } from './leadership-record.ts'
import type { PeerNetwork } from './peer-network.ts'

export interface ClusterLinkOptions {
  readonly desired: DesiredLink
  readonly replica: StateStorage
  readonly network: PeerNetwork
  /** Who stood at the other end last, before this link has been there. */
  readonly lastPeer: LinkId | 'none'
  readonly timeout: number
  readonly interval: number
  readonly runtime: Runtime
  readonly logger: Logger
  /** It moved something, or does something else now. */
  readonly onChange: (link: ClusterLink) => void
}

/** One link of a server to a peer: what it is for, and how level both ends are. */
export class ClusterLink {
  /** What it is for, as of now. */
  desired: DesiredLink
  readonly replica: StateStorage
  readonly filter: Filter<LinkedChange>
  readonly link: Link<LinkedChange>
  /** The way there, for what is no business of the link's. */
  readonly transport: Transport<LinkedChange>
  readonly #runtime: Runtime
  #provenAt = 0
  #round: Promise<void> | undefined

  constructor(options: ClusterLinkOptions) {
    const { desired, replica, network, lastPeer, timeout, interval, runtime, logger } = options
    const { address, kind, there, keys } = desired
    this.desired = desired
    this.replica = replica
    this.#runtime = runtime
    this.filter = patternFilter(kind === 'native' ? [...keys, recordPattern] : keys, runtime)
    this.transport =
      kind === 'native' ? network.native(address, there) : network.pivot(address, keys, replica)
    this.link = new Link<LinkedChange>({
      name: address,
      replica,
      transport: timed(this.transport, timeout, runtime),
      filter: this.filter,
      interval,
      timeout,
      logger,
      runtime,
      guessPeer: async () => lastPeer,
      onMoved: () => {
        if (this.link.phase === 'live') this.#provenAt = runtime.now()
        options.onChange(this)
      },
    })
    this.link.onTransition(({ to }) => {
      if (to === 'live') this.#provenAt = runtime.now()
      options.onChange(this)
    })
  }

  /** When all that the peer had was last known to be here, milliseconds since 1970; `undefined`: never. */
  get levelAt(): number | undefined {
    const level = Math.max(this.#provenAt, this.link.statistics.lastSuccess ?? 0)
    return level === 0 ? undefined : level
  }

  /** The peer answers elsewhere: a stream that is open has brought everything. */
  answered(): void {
    if (this.link.phase === 'live') this.#provenAt = this.#runtime.now()
  }

  /** One sync, shared by all who ask while it is under way. Rejects with what failed. */
  sync(signal: AbortSignal): Promise<void> {
    this.#round ??= this.#sync(signal).finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** A sync is under way, so another one would only stand in its way. */
  get isBusy(): boolean {
    const { phase } = this.link
    return this.#round !== undefined || phase === 'greeting' || phase === 'syncing'
  }

  /** Ends it; what the peer has not confirmed stays in the outbox. */
  async close(closing: LinkClosing): Promise<Unsent | undefined> {
    try {
      return await this.link.close(closing)
    } finally {
      await this.transport.close()
    }
  }

  async #sync(signal: AbortSignal): Promise<void> {
    const { errors } = await this.link.syncNow(signal)
    const failure = errors.find(({ code }) => code !== 'rejected')
    if (failure !== undefined) throw failure
  }
}

/** The same link: nothing would be different if it were made anew. */
export function isSameLink(one: DesiredLink, other: DesiredLink): boolean {
  return (
    linkKey(one) === linkKey(other) &&
    one.kind === other.kind &&
    one.keys.join() === other.keys.join()
  )
}

/** Between which storages it goes. */
export function linkKey({ address, storage, there }: DesiredLink): string {
  return `${address} ${storage} ${there}`
}

import type { LinkedChange, StateStorage, Transport } from '../../contracts/index.ts'
import type { Filter, LinkId } from '../../event/index.ts'
import { Link, type LinkClosing, timed, type Unsent } from '../../link/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { patternFilter } from '../../store/state/index.ts'
import type { Cursor } from '../../version/index.ts'
import { recordPattern } from '../configuration/own-paths.ts'
import type { PeerNetwork } from '../peer-network.ts'
import type { PivotTransport } from '../pivot/pivot-transport.ts'
import type { DesiredLink } from './desired-links.ts'
import { LevelClaims } from './level-claims.ts'

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
  readonly #claims: LevelClaims
  /** The peer says where its feed ends. */
  #hearsEnds = false
  #round: Promise<void> | undefined

  constructor(options: ClusterLinkOptions) {
    const { desired, replica, network, lastPeer, timeout, interval, runtime, logger } = options
    const { address, kind, there, keys } = desired
    this.desired = desired
    this.replica = replica
    this.#runtime = runtime
    this.filter = patternFilter(kind === 'native' ? [...keys, recordPattern] : keys, runtime)
    this.#claims = new LevelClaims(this.filter.fingerprint)
    this.transport =
      kind === 'native' ? network.native(address, there) : network.pivot(address, keys, replica)
    this.link = new Link<LinkedChange>({
      name: address,
      replica,
      transport: this.#claiming(timed(this.transport, timeout, runtime)),
      filter: this.filter,
      interval,
      timeout,
      logger,
      runtime,
      guessPeer: async () => lastPeer,
      onMoved: () => {
        void this.#look()
        options.onChange(this)
      },
    })
    this.link.onTransition(() => {
      void this.#look()
      options.onChange(this)
    })
  }

  /** When all that the peer had was last known to be here, milliseconds since 1970; `undefined`: never. */
  get levelAt(): number | undefined {
    return this.#claims.provenAt
  }

  /** What the peer had at this time, milliseconds since 1970, is here, as far as can be told of its kind. */
  isLevelSince(time: number): boolean {
    return !this.#hearsEnds || (this.levelAt ?? 0) >= time
  }

  /** The peer was asked elsewhere, at a time since 1970; `end`: where its feed ended then, if it says so. */
  answered(at: number, end: Cursor | undefined): void {
    if (end !== undefined) {
      this.#hearsEnds = true
      this.#claims.add({ at, end })
    }
    void this.#look()
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
    await this.#look()
    const failure = errors.find(({ code }) => code !== 'rejected')
    if (failure !== undefined) throw failure
  }

  /** A pull that comes to the end tells where that was when it was asked for. */
  #claiming(transport: Transport<LinkedChange>): Transport<LinkedChange> {
    const { listedAt } = this.transport as Partial<PivotTransport>
    return {
      ...transport,
      pull: async (after, want, signal) => {
        const asked = this.#runtime.now()
        const page = await transport.pull(after, want, signal)
        if (want.ids !== undefined || page.kind !== 'page' || page.more) return page
        const at = listedAt === undefined ? asked : listedAt()
        if (at !== undefined) this.#claims.add({ at, end: page.cursor })
        return page
      },
    }
  }

  /** How far the peer's feed has come by now. */
  async #look(): Promise<void> {
    const { peer } = this.link
    if (peer === undefined || !this.#claims.areWaiting) return
    try {
      this.#claims.reached((await this.replica.link(peer)).pulled)
    } catch {
      // Not known then, and so nothing is proven: whoever needs the storage hears what is wrong with it.
    }
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

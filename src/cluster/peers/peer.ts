import { type ClockLimits, defaultClockLimits } from '../../clock/index.ts'
import type { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { areOfTwoClusters, otherCluster } from '../configuration/cluster-name.ts'
import type { PeerKind, PeerView } from '../links/desired-links.ts'
import type { PeerAbout, RejoinAbout } from '../peer-network.ts'

/** What is known of another server by looking at it. Times are milliseconds since 1970. */
export interface PeerHealth {
  readonly address: string
  readonly kind: PeerKind
  /** It answered when it was last asked; absent before it was. */
  readonly healthy?: boolean
  /** When that was. */
  readonly lastCheck?: number
  readonly protocol?: string
  readonly compatible?: boolean
  /** Its node id. */
  readonly node?: string
  /** The name of its cluster; absent: it has none. */
  readonly cluster?: string
  /** Milliseconds by which its wall clock leads ours, about. */
  readonly clockOffset?: number
  /** More than a write can be ahead without a warning: `ahead` of ours or `behind`. */
  readonly clockTrouble?: 'ahead' | 'behind'
  /**
   * Milliseconds by which it was behind the leaders it follows when it was last asked, as far as it can tell. Absent: it
   * follows nobody, does not know, or is of another kind.
   */
  readonly lag?: number
  /** Why it is not healthy. */
  readonly error?: RejoinError
}

/** One other server: what it said last, and whether it is there. */
export class Peer {
  readonly address: string
  /** The name of this server's cluster. */
  readonly #own: string | undefined
  #about: PeerAbout | undefined
  #healthy: boolean | undefined
  #lastCheck: number | undefined
  /** Of the monotonic clock: when it first did not answer, since it last did. */
  #failingSince: number | undefined
  #isAway = false
  #clockOffset: number | undefined
  #error: RejoinError | undefined

  constructor(address: string, own?: string) {
    this.address = address
    this.#own = own
  }

  get about(): PeerAbout | undefined {
    return this.#about
  }

  /** `undefined` before it was asked; never for a server of another cluster. */
  get isThere(): boolean | undefined {
    return this.#healthy
  }

  /** The name of the other cluster that it is of. */
  get foreign(): string | undefined {
    const cluster = this.#about?.rejoin?.cluster
    return areOfTwoClusters(cluster, this.#own) ? cluster : undefined
  }

  /** `asked` and `answered`: when, by this server's wall clock. */
  answered(about: PeerAbout, asked: number, answered: number): void {
    this.#about = about
    this.#lastCheck = answered
    const { foreign } = this
    this.#healthy = foreign === undefined
    this.#error = foreign === undefined ? undefined : this.#otherCluster(foreign)
    this.#failingSince = undefined
    // For this cluster it is away, however long it will answer.
    this.#isAway = foreign !== undefined
    const time = about.rejoin?.time
    this.#clockOffset = time === undefined ? undefined : Math.round(time - (asked + answered) / 2)
  }

  failed(error: RejoinError, runtime: Pick<Runtime, 'now' | 'monotonic'>): void {
    this.#healthy = false
    this.#lastCheck = runtime.now()
    this.#error = error
    this.#failingSince ??= runtime.monotonic()
    const failing = runtime.monotonic() - this.#failingSince
    this.#isAway = this.foreign !== undefined || failing >= patience
  }

  get view(): PeerView {
    const { rejoin } = this.foreign === undefined ? (this.#about ?? {}) : {}
    return {
      address: this.address,
      kind: this.#kind,
      isThere: this.#healthy === true,
      isAway: this.#isAway,
      keys: rejoin?.keys.map(({ asOf: _, ...key }) => key) ?? [],
      ...(rejoin?.address !== undefined && { announced: rejoin.address }),
      ...(rejoin?.peers && { reaches: rejoin.peers }),
    }
  }

  get health(): PeerHealth {
    const about = this.#about
    const rejoin = about?.rejoin
    const isForeign = this.foreign !== undefined
    const trouble = isForeign ? undefined : clockTrouble(this.#clockOffset)
    const lag = rejoin && !isForeign ? lagOf(rejoin) : undefined
    return {
      address: this.address,
      kind: this.#kind,
      ...(this.#healthy !== undefined && { healthy: this.#healthy }),
      ...(this.#lastCheck !== undefined && { lastCheck: this.#lastCheck }),
      ...(about && { protocol: about.protocol, compatible: about.compatible }),
      ...(rejoin && { node: rejoin.node }),
      ...(rejoin?.cluster !== undefined && { cluster: rejoin.cluster }),
      ...(this.#clockOffset !== undefined && { clockOffset: this.#clockOffset }),
      ...(trouble && { clockTrouble: trouble }),
      ...(lag !== undefined && { lag }),
      ...(this.#error && { error: this.#error }),
    }
  }

  get #kind(): PeerKind {
    if (this.#about === undefined) return 'unknown'
    if (!this.#about.compatible) return 'incompatible'
    if (this.#about.rejoin === undefined) return 'pivot'
    return this.foreign === undefined ? 'native' : 'foreign'
  }

  #otherCluster(cluster: string): RejoinError {
    return otherCluster(this.address, { cluster, own: this.#own ?? '' }, where)
  }
}

const where = { operation: 'probe', component: 'cluster' }

/** By its own clock throughout, so that it does not matter how far that is off. */
function lagOf({ time, keys }: RejoinAbout): number | undefined {
  const levels = keys.flatMap(({ asOf }) => asOf ?? [])
  return levels.length === 0 ? undefined : Math.max(0, time - Math.min(...levels))
}

function clockTrouble(
  offset = 0,
  { warn }: ClockLimits = defaultClockLimits,
): 'ahead' | 'behind' | undefined {
  if (Math.abs(offset) < warn) return undefined
  return offset > 0 ? 'ahead' : 'behind'
}

/** Milliseconds: a leader that starts again, or is busy for a moment, must not have all members link with each other. */
const patience = 4_000

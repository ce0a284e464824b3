import { type ClockLimits, defaultClockLimits } from '../clock/index.ts'
import type { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { PeerKind, PeerView } from './desired-links.ts'
import type { PeerAbout, RejoinAbout } from './peer-network.ts'

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
  #about: PeerAbout | undefined
  #healthy: boolean | undefined
  #lastCheck: number | undefined
  /** Of the monotonic clock: when it first did not answer, since it last did. */
  #failingSince: number | undefined
  #isAway = false
  #clockOffset: number | undefined
  #error: RejoinError | undefined

  constructor(address: string) {
    this.address = address
  }

  get about(): PeerAbout | undefined {
    return this.#about
  }

  /** `undefined` before it was asked. */
  get isThere(): boolean | undefined {
    return this.#healthy
  }

  /** `asked` and `answered`: when, by this server's wall clock. */
  answered(about: PeerAbout, asked: number, answered: number): void {
    this.#about = about
    this.#healthy = true
    this.#lastCheck = answered
    this.#error = undefined
    this.#failingSince = undefined
    this.#isAway = false
    const time = about.rejoin?.time
    this.#clockOffset = time === undefined ? undefined : Math.round(time - (asked + answered) / 2)
  }

  failed(error: RejoinError, runtime: Pick<Runtime, 'now' | 'monotonic'>): void {
    this.#healthy = false
    this.#lastCheck = runtime.now()
    this.#error = error
    this.#failingSince ??= runtime.monotonic()
    this.#isAway = runtime.monotonic() - this.#failingSince >= patience
  }

  get view(): PeerView {
    const { rejoin } = this.#about ?? {}
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
    const trouble = clockTrouble(this.#clockOffset)
    const lag = about?.rejoin && lagOf(about.rejoin)
    return {
      address: this.address,
      kind: this.#kind,
      ...(this.#healthy !== undefined && { healthy: this.#healthy }),
      ...(this.#lastCheck !== undefined && { lastCheck: this.#lastCheck }),
      ...(about && { protocol: about.protocol, compatible: about.compatible }),
      ...(about?.rejoin && { node: about.rejoin.node }),
      ...(this.#clockOffset !== undefined && { clockOffset: this.#clockOffset }),
      ...(trouble && { clockTrouble: trouble }),
      ...(lag !== undefined && { lag }),
      ...(this.#error && { error: this.#error }),
    }
  }

  get #kind(): PeerKind {
    if (this.#about === undefined) return 'unknown'
    if (!this.#about.compatible) return 'incompatible'
    return this.#about.rejoin === undefined ? 'pivot' : 'native'
  }
}

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

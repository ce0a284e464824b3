import type { Logger } from '../../../ports/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { Position } from '../../../version/index.ts'
import type { State } from '../../state.ts'
import type { Filters, Reading } from '../filters.ts'
import { type BroadcastManners, Channel } from './channel.ts'

export interface ChannelsOptions {
  readonly state: State
  readonly filters: Filters
  readonly manners: BroadcastManners
  readonly logger: Logger
  readonly runtime: Pick<Runtime, 'randomBytes'>
}

/** A place in a channel, taken until it is given back. */
export interface Held {
  readonly channel: Channel
  /** Where its client is already, when it needs no snapshot: it has seen everything up to here. */
  readonly since: Position | undefined
  /** Idempotent. */
  release(): void
}

/** The channels that somebody follows, one for each pattern. */
export class Channels {
  readonly #options: ChannelsOptions
  readonly #open = new Map<string, Shared>()
  /** Other filters may stand here after a restart, over the same feed: versions of what they show don't outlive it. */
  readonly #salt: number

  constructor(options: ChannelsOptions) {
    this.#options = options
    this.#salt = new DataView(options.runtime.randomBytes(4).buffer).getUint32(0)
  }

  /** Subscribers by pattern. */
  get pools(): readonly { readonly key: string; readonly connections: number }[] {
    return [...this.#open].map(([key, { holders }]) => ({ key, connections: holders }))
  }

  /** Rejects with a refusal, or what the state rejects with. */
  async hold(pattern: string, version: string | undefined, signal: AbortSignal): Promise<Held> {
    const { state, filters } = this.#options
    const reading = filters.reading(pattern)
    const shared = this.#shared(reading)
    shared.holders++
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      this.#release(pattern, shared)
    }
    try {
      const channel = await shared.opening
      if (channel.refusal !== undefined) throw channel.refusal
      const seen = version && this.#versionOf(reading)(version)
      // Whatever the channel hears while this is asked comes with its position, and is told.
      const isNew = !seen || (await state.changedSince(pattern, seen, signal))
      return { channel, since: isNew ? undefined : positionIn(seen), release }
    } catch (error) {
      release()
      throw error
    }
  }

  #shared(reading: Reading): Shared {
    const known = this.#open.get(reading.pattern)
    if (known !== undefined) return known
    const { state, manners, logger } = this.#options
    const version = this.#versionOf(reading)
    const opening = Channel.open({ state, reading, version, manners, logger })
    const shared = { opening, holders: 0 }
    this.#open.set(reading.pattern, shared)
    return shared
  }

  #release(pattern: string, shared: Shared): void {
    if (--shared.holders > 0) return
    if (this.#open.get(pattern) === shared) this.#open.delete(pattern)
    shared.opening.then(
      (channel) => channel.close(),
      () => {},
    )
  }

  /** To and fro. */
  #versionOf({ isFiltered }: Reading): (version: string) => string {
    return isFiltered ? (version) => salted(version, this.#salt) : (version) => version
  }
}

interface Shared {
  readonly opening: Promise<Channel>
  holders: number
}

function positionIn(version: string): Position {
  return BigInt(`0x${version.slice(0, -8)}`) as Position
}

function salted(version: string, salt: number): string {
  if (!/^[0-9a-f]{9,24}$/.test(version)) return version
  const bits = (Number.parseInt(version.slice(-8), 16) ^ salt) >>> 0
  return `${version.slice(0, -8)}${bits.toString(16).padStart(8, '0')}`
}

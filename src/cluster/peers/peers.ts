import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import { type Runtime, type Timer, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { PeerAbout, PeerNetwork } from '../peer-network.ts'
import { Peer } from './peer.ts'

export interface PeersOptions {
  readonly network: Pick<PeerNetwork, 'about'>
  readonly runtime: Runtime
  readonly logger: Logger
  /** Milliseconds. */
  readonly probeInterval: number
  readonly probeTimeout: number
  /** What this server answers when it is asked who it is. */
  readonly instance: string
  /** The name of its cluster. */
  readonly cluster: string | undefined
  /** Whom to look at in every round; of the others only some each time. */
  readonly isWatched: (address: string) => boolean
  /** Something was learned; `back`: the address of one that was away and is there again. */
  readonly onChange: (back?: string) => void
  /** It answered; `asked`: when it was asked, milliseconds since 1970. */
  readonly onAnswer: (peer: Peer, asked: number) => void
  /** It is of another cluster: told once of each, and of each other cluster. */
  readonly onForeign: (peer: Peer, cluster: string) => void
}

/**
 * All other servers by their addresses, each asked who it is at an interval, side by side and never in anybody's
 * way. An address that turns out to be this server's own is none of them, until another server answers there: some
 * addresses move.
 */
export class Peers {
  readonly #options: PeersOptions
  readonly #peers = new Map<string, Peer>()
  readonly #address: string | undefined
  /** Where this server was met by itself. */
  readonly #aliases = new Set<string>()
  /** Of which other clusters servers were found to be, by their addresses. */
  readonly #foreign = new Map<string, string>()
  readonly #asking = new Map<string, Promise<void>>()
  readonly #end = new AbortController()
  #timer: Timer | undefined
  #turn = 0

  constructor(options: PeersOptions, address: string | undefined) {
    this.#options = options
    this.#address = address
  }

  /** Sorted by address. */
  get all(): readonly Peer[] {
    return [...this.#peers.values()].toSorted((one, other) =>
      one.address < other.address ? -1 : 1,
    )
  }

  get(address: string): Peer | undefined {
    return this.#peers.get(address)
  }

  isOwn(address: string): boolean {
    return address === this.#address || this.#aliases.has(address)
  }

  /** These are the others, and no more; what is known of those that stay is kept. */
  set(addresses: Iterable<string>): void {
    const wanted = new Set([...addresses].filter((address) => !this.isOwn(address)))
    for (const address of this.#peers.keys())
      if (!wanted.has(address)) {
        this.#peers.delete(address)
        this.#foreign.delete(address)
      }
    for (const address of wanted)
      if (!this.#peers.has(address)) {
        this.#peers.set(address, new Peer(address, this.#options.cluster))
        if (this.#timer !== undefined) this.look(address)
      }
  }

  /** Begins to look at each of them. */
  start(): void {
    if (this.#timer !== undefined || this.#end.signal.aborted) return
    this.#round()
  }

  /** Looks at one of them now, unless that is under way. */
  look(address: string): void {
    const peer = this.#peers.get(address)
    if (peer !== undefined) this.#begin(address, () => this.#ask(peer))
  }

  async close(): Promise<void> {
    this.#end.abort(new RejoinError('closed', 'the cluster is closed', where))
    this.#timer?.cancel()
    await Promise.all(this.#asking.values())
  }

  #begin(address: string, ask: () => Promise<void>): void {
    if (this.#end.signal.aborted || this.#asking.has(address)) return
    const asking = ask().finally(() => this.#asking.delete(address))
    this.#asking.set(address, asking)
  }

  #round(): void {
    const { runtime, probeInterval, isWatched } = this.#options
    this.#timer = runtime.timer(probeInterval, () => this.#round())
    const addresses = this.all.map(({ address }) => address)
    for (const address of addresses) if (isWatched(address)) this.look(address)
    for (const alias of this.#aliases) this.#begin(alias, () => this.#askAlias(alias))
    const others = addresses.filter((address) => !isWatched(address))
    for (let count = 0; count < Math.min(mostOthers, others.length); count++)
      this.look(others[this.#turn++ % others.length] as string)
  }

  async #ask(peer: Peer): Promise<void> {
    const { runtime, onAnswer } = this.#options
    const { address } = peer
    const { signal } = this.#end
    const asked = runtime.now()
    const before = JSON.stringify(peer.view)
    const wasAway = peer.isThere === false
    const wasOff = peer.health.clockTrouble
    try {
      const about = await this.#about(address)
      if (this.#isThis(about)) {
        this.#aliases.add(address)
        this.#peers.delete(address)
        this.#options.onChange()
        return
      }
      peer.answered(about, asked, runtime.now())
    } catch (cause) {
      if (signal.aborted) return
      peer.failed(RejoinError.from(cause, where), runtime)
    }
    if (this.#peers.get(address) !== peer) return
    const { health } = peer
    if (health.clockTrouble !== undefined && wasOff === undefined)
      this.#options.logger.warn('the clock of a peer is off', {
        peer: address,
        ms: health.clockOffset,
      })
    if (peer.isThere) onAnswer(peer, asked)
    this.#noteForeign(peer)
    const isBack = wasAway && health.healthy === true
    if (isBack || JSON.stringify(peer.view) !== before)
      this.#options.onChange(isBack ? address : undefined)
  }

  #noteForeign(peer: Peer): void {
    const { address, foreign, isThere } = peer
    if (isThere) this.#foreign.delete(address)
    if (foreign === undefined || this.#foreign.get(address) === foreign) return
    this.#foreign.set(address, foreign)
    this.#options.onForeign(peer, foreign)
  }

  /** Where nobody answers, nobody else has it. */
  async #askAlias(address: string): Promise<void> {
    const about = await this.#about(address).catch(() => undefined)
    if (about === undefined || this.#isThis(about)) return
    this.#aliases.delete(address)
    this.#options.logger.info('another server answers where this one did', { peer: address })
    this.#options.onChange()
  }

  #about(address: string): Promise<PeerAbout> {
    const { network, runtime, probeTimeout } = this.#options
    const { signal } = this.#end
    return withDeadline(runtime, probeTimeout, signal, late(probeTimeout), (inner) =>
      untilAborted(inner, network.about(address, inner)),
    )
  }

  #isThis({ rejoin }: PeerAbout): boolean {
    return rejoin?.instance === this.#options.instance
  }
}

function late(ms: number): () => RejoinError {
  return () =>
    new RejoinError('timeout', `no answer within ${ms} ms`, { ...where, details: { timeout: ms } })
}

/** Members of a large cluster would else spend their time on asking each other how they are. */
const mostOthers = 8
const where = { operation: 'probe', component: 'cluster' }

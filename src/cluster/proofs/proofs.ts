import { RejoinError } from '../../errors/index.ts'
import { type Logger, tellMetrics } from '../../ports/index.ts'
import type { Runtime, Timer } from '../../runtime/index.ts'
import type { ClusterMetrics } from '../configuration/cluster-metrics.ts'
import type { Storages } from '../configuration/storages.ts'
import type { ClusterLink } from '../links/cluster-link.ts'
import { refusedBy } from '../links/refused.ts'
import type { PeerNetwork } from '../peer-network.ts'
import { answerTo, type Comparison } from './comparison.ts'
import { FollowedIndexes } from './followed-indexes.ts'
import { prove } from './proof.ts'

export interface ProofsOptions {
  readonly storages: Storages
  readonly network: PeerNetwork
  /** Those that follow a leader. */
  readonly links: () => readonly ClusterLink[]
  /** The keys of a storage. */
  readonly keys: (storage: string) => readonly string[]
  /** Milliseconds from one look at all keys to the next; 0: none. */
  readonly interval: number
  /** Has a peer asked how far it is. */
  readonly look: (address: string) => void
  /** Milliseconds in which what is on its way arrives. */
  readonly grace: number
  readonly runtime: Runtime
  readonly logger: Logger
  readonly metrics: ClusterMetrics
  readonly onProof: () => void
}

/** What comparing a key with its leader has shown. Times are milliseconds since 1970. */
export interface KeyProof {
  /** When both were last compared. */
  readonly at: number
  /** Both hold the same. */
  readonly agrees: boolean
  /** Objects that differed though links had said that all was exchanged, since this server was opened. */
  readonly defects: number
}

/** What became of one key that was to be compared: nothing is, while its link is not level. */
export type Proven =
  | { readonly path: string; readonly kind: 'compared'; readonly proof: KeyProof }
  | { readonly path: string; readonly kind: 'skipped'; readonly reason: string }

/**
 * Proves now and then, for each key, that this server holds what its leader holds. Links make that so; a proof finds
 * what a defect of ours or of a disk has undone, repairs it and counts it. Answers the same questions of others.
 */
export class Proofs {
  readonly #options: ProofsOptions
  readonly #indexes = new Map<string, FollowedIndexes>()
  readonly #proofs = new Map<string, KeyProof>()
  readonly #end = new AbortController()
  #timer: Timer | undefined
  #round: Promise<readonly Proven[]> | undefined

  constructor(options: ProofsOptions) {
    this.#options = options
  }

  /** `undefined` before the first. */
  of(key: string): KeyProof | undefined {
    return this.#proofs.get(key)
  }

  start(): void {
    const { interval, runtime } = this.#options
    if (interval === 0 || this.#timer !== undefined || this.#end.signal.aborted) return
    this.#timer = runtime.timer(interval, () => {
      this.#timer = undefined
      void this.prove().finally(() => this.start())
    })
  }

  /** All keys, one after the other; shared by all who ask while it is under way. */
  prove(): Promise<readonly Proven[]> {
    this.#round ??= this.#proveAll().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  /** The answer to one message of a server that compares itself with this one. */
  async answer(
    storage: string,
    key: string,
    asked: Comparison,
    signal: AbortSignal,
  ): Promise<Comparison> {
    const index = await this.#indexesOf(storage)?.of(key, signal)
    if (index === undefined)
      throw new RejoinError('not_found', `${key} is not shared in ${storage} here`, where)
    return answerTo(index, asked)
  }

  async close(): Promise<void> {
    this.#end.abort(new RejoinError('closed', 'the cluster is closed', where))
    this.#timer?.cancel()
    await this.#round
  }

  async #proveAll(): Promise<readonly Proven[]> {
    const { links, logger, onProof } = this.#options
    const all: Proven[] = []
    for (const link of links())
      for (const path of link.desired.keys) {
        if (this.#end.signal.aborted) return all
        // Before both are level there is nothing to prove.
        if (link.link.phase !== 'live') {
          all.push({ path, kind: 'skipped', reason: `its link is ${link.link.phase}` })
          continue
        }
        try {
          all.push({ path, kind: 'compared', proof: await this.#prove(link, path) })
          onProof()
        } catch (cause) {
          const error = RejoinError.from(cause, where)
          if (!this.#end.signal.aborted)
            logger.debug('a key could not be compared with its leader', { key: path, error })
          all.push({ path, kind: 'skipped', reason: error.message })
        }
      }
    return all
  }

  async #prove(link: ClusterLink, key: string): Promise<KeyProof> {
    const { network, runtime, grace, logger, metrics } = this.#options
    const { address, storage, there } = link.desired
    const { compare } = network
    const indexes = this.#indexesOf(storage)
    if (compare === undefined || indexes === undefined)
      throw new RejoinError('unavailable', 'this network has no way to compare', where)
    const began = runtime.monotonic()
    const { signal } = this.#end
    const refused = async () => {
      const writes = await refusedBy(link.replica, link.link.peer, signal)
      return writes.map(({ path }) => path)
    }
    const before = await refused()
    const { defects: differed, left } = await prove({
      ...{ key, indexes, grace, runtime },
      storage: link.replica,
      transport: link.transport,
      isLevelSince: (time) => {
        if (link.isLevelSince(time)) return true
        this.#options.look(address)
        return false
      },
      ask: (stretches, signal) => compare(address, { storage: there, key, stretches }, signal),
      signal,
    })
    // Of those it is known that the leader has them not: no fault of ours, and told elsewhere.
    const known = new Set([...before, ...(await refused())])
    const defects = differed.filter((path) => !known.has(path))
    if (defects.length > 0)
      logger.error('this server and its leader differed', {
        ...{ key, leader: address, objects: defects.length, left: left.length },
        some: defects.slice(0, 10),
      })
    const counted = { key, storage, leader: address, defects: defects.length, left: left.length }
    const duration = runtime.monotonic() - began
    tellMetrics(() => metrics.keyCompared({ ...counted, duration }), logger)
    const earlier = this.#proofs.get(key)?.defects ?? 0
    const agrees = left.length === 0
    const proof = { at: runtime.now(), agrees, defects: earlier + defects.length }
    this.#proofs.set(key, proof)
    return proof
  }

  /** New ones when the keys are others. */
  #indexesOf(storage: string): FollowedIndexes | undefined {
    const { storages, keys, runtime } = this.#options
    const found = storages.find(storage)
    if (found === undefined) return undefined
    const own = keys(storage)
    const known = this.#indexes.get(storage)
    if (known !== undefined && known.keys.join() === own.join()) return known
    const indexes = new FollowedIndexes(found.replica, own, runtime)
    this.#indexes.set(storage, indexes)
    return indexes
  }
}

const where = { operation: 'compare', component: 'cluster' }

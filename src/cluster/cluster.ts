import type { StateStorage } from '../contracts/index.ts'
import {
  abortSignal,
  aFunction,
  fields,
  type Known,
  text,
  unwanted,
  wholeNumber,
} from '../errors/check.ts'
import type { LinkId } from '../event/index.ts'
import { checkClosing, type LinkClosing } from '../link/index.ts'
import type { StateTree } from '../state/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import { type AttachOptions, attach } from './attach.ts'
import { ClusterState } from './cluster-state.ts'
import { at, checkAddress, checkedOptions } from './configuration/check-options.ts'
import type { ClusterOptions } from './configuration/cluster-options.ts'
import type { KeyPlan } from './configuration/key-plan.ts'
import { recordPattern } from './configuration/own-paths.ts'
import { beforeRead } from './freshness/before-read.ts'
import { type ConfirmOptions, confirmed } from './freshness/confirming.ts'
import { type Freshness, freshness } from './freshness/freshness.ts'
import type { UnsentToPeer } from './links/cluster-links.ts'
import { Membership } from './membership/membership.ts'
import { readsAll } from './membership/reads-all.ts'
import { checkStorage, type PathOptions, storageMeant } from './path-options.ts'
import type { Compared, PeerAbout } from './peer-network.ts'
import { Callers } from './peers/callers.ts'
import type { PeerHealth } from './peers/peer.ts'
import type { Notices } from './pivot/notices.ts'
import { type Promoted, promote } from './promote.ts'
import type { Comparison } from './proofs/comparison.ts'
import type { Proven } from './proofs/proofs.ts'
import { aboutOf } from './status/about.ts'
import { type AtOwnAddress, atOwnAddress } from './status/own-address.ts'
import { type ClusterRole, type ClusterStatus, roleOf, statusOf } from './status/status.ts'
import { StatusListeners } from './status/status-listeners.ts'
import { synchronize } from './synchronize.ts'

/**
 * Takes part in a cluster: shares parts of a tree with other servers, each of which goes on reading and writing
 * whatever happens to the others.
 *
 * ```ts
 * const cluster = await openCluster({ state, keys: [{ path: 'users/*' }], leader: 'hub:8080', network })
 * await cluster.state().set('users/42', { name: 'Ada' }, { until: 'leader', within: 5_000 })
 * ```
 *
 * Rejects with `invalid_argument` for a configuration that makes no sense, naming the key; what the storages reject
 * with; or the signal's reason.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const settings = checkedOptions(options)
  const membership = await Membership.open(settings)
  if (settings.syncOnStart) membership.start()
  return new Cluster(membership)
}

/** A server's part in a cluster. All methods may be called concurrently; after `close()` they reject with `closed`. */
export class Cluster {
  readonly #membership: Membership
  readonly #listeners: StatusListeners
  readonly #callers: Callers
  readonly #stop: () => void

  /** @internal Made by `openCluster`. */
  constructor(membership: Membership) {
    const { name, runtime, logger } = membership.settings
    this.#membership = membership
    this.#callers = new Callers(name, logger)
    const read = () => statusOf(membership)
    this.#listeners = new StatusListeners({ read, runtime, logger })
    this.#stop = membership.changes.listen(() => this.#listeners.changed())
  }

  /** What is shared, the list of servers among it. */
  get keys(): readonly KeyPlan[] {
    return this.#membership.keys
  }

  /** The cluster's name; `undefined`: it has none. */
  get name(): string | undefined {
    return this.#membership.settings.name
  }

  get address(): string | undefined {
    return this.#membership.settings.address
  }

  /** Who leads the first of the keys that are followed here; `undefined` where none is. */
  get leader(): string | undefined {
    const leaders = this.keys.map((key) => this.#membership.leadOf(key).leader)
    return leaders.find((leader) => leader !== undefined)
  }

  get role(): ClusterRole {
    return roleOf(this.#membership)
  }

  /** The other servers it knows of, as they were seen last; by address. */
  get peers(): readonly PeerHealth[] {
    return this.#membership.peers.all.map(({ health }) => health)
  }

  /** Whether this server leads a path or pattern; what is shared with nobody is led here. */
  leads(path: string): boolean {
    text('path', path, at('leads'))
    const key = this.#membership.keyOf(path)
    return key === undefined || this.#membership.leadOf(key).leader === undefined
  }

  /** What this server says of itself: the answer to `PeerNetwork.about`. Rejects with the signal's reason only. */
  about(signal?: AbortSignal): Promise<PeerAbout> {
    return aboutOf(this.#membership, signal)
  }

  /**
   * Who answers at this server's own address, as its network calls it: another server there, or nobody, is how others
   * would miss this one. `undefined` where it has none. Rejects with the signal's reason.
   */
  atOwnAddress(signal?: AbortSignal): Promise<AtOwnAddress | undefined> {
    return this.#guard('atOwnAddress', { signal }, signalNames, () =>
      atOwnAddress(this.#membership, signal),
    )
  }

  /**
   * Throws `forbidden` for a caller of a cluster with another name: what a network of one's own asks before a server
   * answers anything but `about`. Without a name, of either, nobody is refused.
   */
  admit(cluster: string | undefined): void {
    this.#callers.admit(cluster)
  }

  /** What peers may link with, by the name in `PeerNetwork.native`; `undefined` for what nothing is shared of. */
  replica(storage: string): StateStorage | undefined {
    return this.patterns(storage).length === 0
      ? undefined
      : this.#membership.storages.find(storage)?.replica
  }

  /** What peers may ask for in a storage: its keys, and who leads them. */
  patterns(storage: string): readonly string[] {
    const keys = this.keys.filter((key) => key.storage === storage).map(({ path }) => path)
    return keys.length === 0 ? [] : [...keys, recordPattern]
  }

  /** Whether a peer that reads a storage under a filter, by its fingerprint, is shown all that both share in it. */
  readsAll(storage: string, reader: LinkId, fingerprint: string): boolean {
    return readsAll(this.#membership, storage, reader, fingerprint)
  }

  /** A storage, whose writes can wait for the leader. Throws `invalid_argument` for a name that is none. */
  state(storage = 'main'): ClusterState {
    checkStorage(this.#membership, 'state', storage)
    return new ClusterState(storage, this.#membership)
  }

  /**
   * The answer to one message of a server that compares a key with this one: see `PeerNetwork.compare`. Rejects with
   * `not_found` for a key that is not shared.
   */
  compare({ storage, key, stretches }: Compared, signal: AbortSignal): Promise<Comparison> {
    return this.#guard('compare', { signal }, signalNames, () =>
      this.#membership.proofs.answer(storage, key, stretches, signal),
    )
  }

  /**
   * Proves, for each key that is followed here, that both ends hold the same, and repairs what does not: what happens
   * by itself every `proofInterval`. Tells what became of each; a key whose link is not
   * live is skipped. Rejects with the signal's reason; what is under way goes on then.
   */
  prove(options: SignalOptions = {}): Promise<readonly Proven[]> {
    return this.#guard('prove', options, signalNames, (signal) => {
      const proving = this.#membership.proofs.prove()
      return signal === undefined ? proving : untilAborted(signal, proving)
    })
  }

  /** What servers of the original send here, so that the others of their kind hear of it and they themselves don't. */
  get notices(): Notices {
    return this.#membership.notices
  }

  /** Begins to sync, where `syncOnStart` was off. */
  start(): void {
    this.#membership.start()
  }

  /** Another server there is, `host:port`. */
  addNode(address: string): void {
    this.#membership.mustBeOpen('addNode')
    this.#membership.addNode(checkAddress('address', address, at('addNode')))
  }

  /** `addNode` by its name in the original. */
  addExtraNodeURL(address: string): void {
    this.addNode(address)
  }

  /**
   * Makes this server the leader of these keys, or of all of them, for everybody. No write is lost by it: what the
   * former leader has not passed on comes when it is back. Needs `address`. Resolves when that is written down here. Rejects
   * with `clock` when the clock here is a day or more ahead of all other servers that are there, or behind all, if they
   * are two or more.
   */
  promote(keys?: readonly string[], options: SignalOptions = {}): Promise<Promoted> {
    return this.#guard('promote', options, signalNames, (signal) => {
      if (keys !== undefined && !Array.isArray(keys))
        throw unwanted('keys', keys, 'a list of keys', at('promote'))
      return promote(this.#membership, keys, signal)
    })
  }

  status(options: SignalOptions = {}): Promise<ClusterStatus> {
    return this.#guard('status', options, signalNames, (signal) =>
      statusOf(this.#membership, signal),
    )
  }

  /** Calls back with the status soon, and after each change of it; answers with a way to stop that. */
  onStatus(listener: (status: ClusterStatus) => void): () => void {
    aFunction('listener', listener, at('onStatus'))
    this.#membership.mustBeOpen('onStatus')
    return this.#listeners.add(listener)
  }

  /** How far what is read at a path or pattern may lag behind its leader. */
  freshness(path: string, options: PathOptions = {}): Promise<Freshness> {
    const of = this.#membership
    return this.#guard('freshness', options, pathNames, (signal) =>
      freshness(of, path, storageMeant('freshness', of, path, options), signal),
    )
  }

  /** Brings a path level with its leader, if that is quickly done: what a server does before it answers a read. */
  beforeRead(path: string, options: PathOptions = {}): Promise<void> {
    const of = this.#membership
    return this.#guard('beforeRead', options, pathNames, (signal) =>
      beforeRead(of, path, storageMeant('beforeRead', of, path, options), signal),
    )
  }

  /**
   * Resolves when the leader has what stands at a path now, or all that matches a pattern: see `until: 'leader'`.
   * Rejects with `rejected`, `timeout`, `closed`, or the signal's reason.
   */
  confirmed(path: string, options: PathOptions & ConfirmOptions = {}): Promise<void> {
    const where = at('confirm')
    return this.#guard('confirm', options, confirmNames, () => {
      const storage = storageMeant('confirm', this.#membership, path, options)
      const { version, within } = options
      if (version !== undefined) text('version', version, where)
      if (within !== undefined) wholeNumber('within', within, where, { from: 1 })
      return confirmed(this.#membership, [path], storage, options)
    })
  }

  /**
   * Syncs now with the leader of one key, or with all leaders; `false` when this server follows nobody there.
   * Rejects with what failed.
   */
  synchronize(options: SynchronizeOptions = {}): Promise<boolean> {
    return this.#guard('synchronize', options, synchronizeNames, (signal) => {
      const { key } = options
      if (key !== undefined) text('key', key, at('synchronize'))
      return synchronize(this.#membership, key, signal)
    })
  }

  /** A local change at a path, for who has set up a storage by hand: links notice it by themselves as well. */
  syncCallback(change: { readonly path: string }): void {
    const { path } = fields('change', change, at('syncCallback'))
    const key = this.#membership.keyOf(text('path', path, at('syncCallback')))
    const link = key && this.#membership.leaderLink(key)
    if (link?.link.phase === 'polling') link.link.nudge()
  }

  /**
   * Shares more: keys of a storage of the tree by its name; or of a tree that was opened over a storage from
   * elsewhere, under the name it has on all servers. That one stays open when the cluster is closed.
   */
  attach(storage: string | StateTree, options: AttachOptions): Promise<void> {
    return this.#guard('attach', options, undefined, () =>
      attach(this.#membership, storage, options),
    )
  }

  /**
   * Idempotent. Pushes what is left to whoever was there last, for `within` milliseconds at most (default 2,000);
   * answers with what each peer has not confirmed. The state stays open.
   */
  async close(closing: LinkClosing = {}): Promise<ClusterClosed> {
    checkClosing(closing, at('close'))
    this.#stop()
    const [links] = await Promise.all([this.#membership.close(closing), this.#listeners.close()])
    return { peers: links }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #guard<Options extends { readonly signal?: AbortSignal | undefined }, T>(
    operation: string,
    options: Options,
    known: Known<NoInfer<Options>> | undefined,
    work: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const { signal } = fields('options', options, at(operation), known)
    abortSignal(signal, at(operation))
    signal?.throwIfAborted()
    this.#membership.mustBeOpen(operation)
    return work(signal)
  }
}

/** What calls a call off. */
export interface SignalOptions {
  readonly signal?: AbortSignal
}

/** What is synced now. */
export interface SynchronizeOptions extends SignalOptions {
  /** A key, or a path under one. Default: all keys. */
  readonly key?: string
}

/** What was left when a cluster was closed. */
export interface ClusterClosed {
  readonly peers: readonly UnsentToPeer[]
}

const signalNames: Known<SignalOptions> = { signal: true }
const synchronizeNames: Known<SynchronizeOptions> = { key: true, signal: true }
const pathNames: Known<PathOptions> = { storage: true, signal: true }
const confirmNames: Known<PathOptions & ConfirmOptions> = {
  ...pathNames,
  within: true,
  version: true,
}

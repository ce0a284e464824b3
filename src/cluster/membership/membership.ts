import { coversPattern } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LinkClosing } from '../../link/index.ts'
import { at, type ClusterSettings } from '../configuration/check-options.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { Storages } from '../configuration/storages.ts'
import { FollowedLeaders } from '../leadership/followed-leaders.ts'
import { KnownPeers } from '../leadership/known-peers.ts'
import { type Lead, Leadership } from '../leadership/leadership.ts'
import type { ClusterLink } from '../links/cluster-link.ts'
import type { ClusterLinks, UnsentToPeer } from '../links/cluster-links.ts'
import { desiredLinks } from '../links/desired-links.ts'
import { Levels } from '../links/levels.ts'
import { Announcement } from '../peers/announcement.ts'
import { isDayAhead } from '../peers/clock-lead.ts'
import { NodeEntries } from '../peers/node-entries.ts'
import type { Peers } from '../peers/peers.ts'
import type { Notices } from '../pivot/notices.ts'
import type { Proofs } from '../proofs/proofs.ts'
import { Changes } from './changes.ts'
import { leftForUnreached } from './unreached.ts'
import { leadersIn, viewOf } from './view.ts'
import { linksOf, noticesOf, peersOf, proofsOf } from './wiring.ts'

/**
 * A server's part in a cluster, as it stands now: which keys it shares, who leads each, who else there is, and the
 * links that follow from that.
 *
 *     configuration ─┐
 *     records ───────┼──▶ view ──▶ desired links ──▶ links
 *     peers there ───┘
 */
export class Membership {
  readonly settings: ClusterSettings
  readonly storages: Storages
  readonly leadership: Leadership
  readonly peers: Peers
  readonly links: ClusterLinks
  readonly knownPeers: KnownPeers
  readonly followed: FollowedLeaders
  readonly proofs: Proofs
  readonly notices: Notices
  /** Told of whatever may have changed a status. */
  readonly changes = new Changes()
  /** The node id of the main storage. */
  readonly node: string
  /** Drawn at each opening. */
  readonly instance: string
  readonly #entries = new NodeEntries(() => this.#schedule())
  readonly #nodes: Set<string>
  readonly #levels = new Levels()
  readonly #end = new AbortController()
  #announcement: Announcement | undefined
  #keys: readonly KeyPlan[]
  #isScheduled = false
  #isStarted = false
  #hasEnded = false
  readonly #waits = new Set<Promise<void>>()
  #closing: Promise<readonly UnsentToPeer[]> | undefined
  #turn: Promise<unknown> = Promise.resolve()

  static async open(settings: ClusterSettings): Promise<Membership> {
    settings.signal?.throwIfAborted()
    const { node } = await settings.state.replica().identity(settings.signal)
    const membership = new Membership(settings, node)
    try {
      await membership.#follow()
    } catch (error) {
      await membership.close({ flush: false })
      throw error
    }
    return membership
  }

  private constructor(settings: ClusterSettings, node: string) {
    const { name, address, nodes, logger, runtime } = settings
    this.settings = settings
    this.node = node
    this.#keys = settings.keys
    this.#nodes = new Set(nodes)
    this.instance = [...runtime.randomBytes(12)]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
    this.storages = new Storages(settings.state, {
      holdsCollecting: () => isDayAhead(this.peers),
      onTrouble: (storage, error) => {
        if (error === undefined) logger.info('a storage can be written again', { storage })
        else logger.warn('a storage can not be written', { storage, error })
        this.changes.tell()
      },
    })
    this.leadership = new Leadership({
      storages: this.storages,
      logger,
      onChange: () => this.#schedule(),
    })
    this.peers = peersOf(this, () => this.#schedule())
    this.knownPeers = new KnownPeers(this.storages, logger)
    this.followed = new FollowedLeaders({
      ...{ storages: this.storages, knownPeers: this.knownPeers },
      ...{ cluster: name, address, logger, runtime },
    })
    this.links = linksOf(this, (link) => this.#moved(link))
    this.notices = noticesOf(this)
    this.proofs = proofsOf(this)
  }

  get keys(): readonly KeyPlan[] {
    return this.#keys
  }

  /** Aborted when this is closed. */
  get closing(): AbortSignal {
    return this.#end.signal
  }

  /** It is closed, and all that was left to push has been: nothing is confirmed any more. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** What waits for a confirmation: closing goes on until it knows whether the last push has brought that. */
  async outlasting(wait: Promise<void>): Promise<void> {
    this.#waits.add(wait)
    await wait.finally(() => this.#waits.delete(wait))
  }

  /** The key that a path or pattern is under; `undefined`: it is nobody else's business. */
  keyOf(path: string, storage?: string): KeyPlan | undefined {
    return this.#keys.find(
      (key) => coversPattern(key.path, path) && (storage === undefined || key.storage === storage),
    )
  }

  /** Who leads a key; without a `leader` it is this server, whatever it goes by. */
  leadOf(key: KeyPlan): Lead {
    const lead = this.leadership.of(key)
    if (lead.leader === undefined || !this.peers.isOwn(lead.leader)) return lead
    const { leader: _, ...own } = lead
    return own
  }

  /** The link by which a key is kept level with its leader, if there is one. */
  leaderLink(key: KeyPlan): ClusterLink | undefined {
    const { leader } = this.leadOf(key)
    if (leader === undefined) return undefined
    return this.links.all.find(
      ({ desired }) =>
        desired.address === leader &&
        desired.storage === key.storage &&
        desired.keys.includes(key.path),
    )
  }

  reachesLeader(key: KeyPlan): boolean {
    const { leader } = this.leadOf(key)
    return leader === undefined || this.peers.get(leader)?.isThere === true
  }

  /** When all that the leader had was last known to be here, milliseconds since 1970; `undefined`: never. */
  levelAt(key: KeyPlan): number | undefined {
    const { leader } = this.leadOf(key)
    if (leader === undefined) return this.settings.runtime.now()
    const link = this.leaderLink(key)
    if (link !== undefined) this.#levels.note(link)
    return this.#levels.of(leader, key)
  }

  /** Begins to look at peers and to link with them. Does nothing when it has begun. */
  start(): void {
    this.mustBeOpen('start')
    if (this.#isStarted) return
    this.#isStarted = true
    this.peers.start()
    this.proofs.start()
    this.#schedule()
    const { node, settings } = this
    const { advertise, nodesKey, address, logger, runtime } = settings
    if (!advertise || nodesKey === undefined || address === undefined) return
    const { state } = this.storages.get('main')
    const onChange = () => this.changes.tell()
    const options = { state, nodesKey, address, node, logger, runtime, onChange }
    this.#announcement = new Announcement(options)
    void this.#announcement.begin()
  }

  /** Somebody expects a server there: it is in the list, or named by `nodes` or `addNode`. */
  lists(address: string): boolean {
    return this.#nodes.has(address) || this.#entries.addresses.includes(address)
  }

  /** What is wrong with this server itself, in words. */
  get problems(): readonly string[] {
    const { problem } = this.#announcement ?? {}
    return [...this.storages.problems, ...(problem === undefined ? [] : [problem])]
  }

  addNode(address: string): void {
    this.#nodes.add(address)
    this.#schedule()
  }

  /** Runs what reads the keys and sets others, once what has asked before is through. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** These keys from now on; the ones before when it rejects. */
  async setKeys(keys: readonly KeyPlan[]): Promise<void> {
    await this.knownPeers.read(keys)
    await this.followed.note(keys)
    await this.leadership.follow(keys)
    this.#keys = keys
    this.#schedule()
    // What they were asked before tells nothing of the keys that are new here.
    if (this.#isStarted) for (const address of leadersIn(this)) this.peers.look(address)
  }

  /** Throws `closed`. */
  mustBeOpen(operation: string): void {
    if (this.#end.signal.aborted)
      throw new RejoinError('closed', 'the cluster is closed', at(operation))
  }

  close(closing: LinkClosing): Promise<readonly UnsentToPeer[]> {
    this.#closing ??= this.#close(closing)
    return this.#closing
  }

  async #close(closing: LinkClosing): Promise<readonly UnsentToPeer[]> {
    const unreached = leftForUnreached(this)
    const left = this.links.close(closing)
    this.#end.abort(new RejoinError('closed', 'the cluster is closed', at('close')))
    this.leadership.close()
    this.#entries.close()
    this.storages.close()
    await Promise.all([
      this.#announcement?.close(),
      this.proofs.close(),
      this.notices.close(),
      this.knownPeers.close(),
      this.peers.close(),
    ])
    this.changes.tell()
    const unsent = [...(await left), ...(await unreached)]
    this.#hasEnded = true
    this.changes.tell()
    await Promise.allSettled(this.#waits)
    await this.settings.network.close?.()
    return unsent
  }

  async #follow(): Promise<void> {
    const { nodesKey, signal } = this.settings
    await this.knownPeers.read(this.#keys, signal)
    await this.followed.note(this.#keys, signal)
    await this.leadership.follow(this.#keys)
    if (nodesKey === undefined) return
    await this.#entries.follow(this.storages.get('main').state, nodesKey, signal)
  }

  /** Whatever comes in one turn of the loop is looked at once. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.settings.runtime.soon(() => {
      this.#isScheduled = false
      if (!this.#end.signal.aborted) this.#settle()
    })
  }

  #settle(): void {
    this.peers.set([...leadersIn(this), ...this.#entries.addresses, ...this.#nodes])
    if (this.#isStarted) this.links.reconcile(desiredLinks(viewOf(this)))
    this.notices.look()
    this.changes.tell()
  }

  #moved(link: ClusterLink): void {
    this.#levels.note(link)
    this.knownPeers.note(link.desired, link.link.peer)
    const { address } = link.desired
    const { phase } = link.link
    const isThere = phase === 'syncing' || phase === 'live'
    // Either way the link knows better than what was seen last.
    if (phase === 'waiting' || (isThere && this.peers.get(address)?.isThere === false))
      this.peers.look(address)
    this.changes.tell()
  }
}

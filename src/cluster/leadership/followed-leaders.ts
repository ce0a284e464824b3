import type { Forgotten } from '../../contracts/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { plainAddress } from '../configuration/address.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { followedPattern } from '../configuration/own-paths.ts'
import type { ClusterStorage, Storages } from '../configuration/storages.ts'
import type { KnownPeers } from './known-peers.ts'
import { hexOf, recordOf, recordPath } from './leadership-record.ts'
import { LeftClusters } from './left-clusters.ts'

/** What was here of a key when its configuration named another leader, and is gone. */
export interface ForgottenKey extends Forgotten {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Who was followed; absent: this server led it. */
  readonly from?: string
}

export interface FollowedLeadersOptions {
  readonly storages: Storages
  readonly knownPeers: KnownPeers
  /** The name of the cluster; absent: it has none. */
  readonly cluster: string | undefined
  /** This server's own: who is to follow itself leads. */
  readonly address: string | undefined
  readonly logger: Logger
  readonly runtime: Pick<Runtime, 'now'>
}

/**
 * Whom this server has followed for each key, by its configuration, also after a restart. A key that is to be
 * forgotten when that changes loses what is here of it, in one commit and before any link begins:
 *
 *     the same leader as last time ──▶ nothing
 *     this server, or nothing known ──▶ noted
 *     who leads it by a record of this cluster ──▶ noted: the configuration has caught up
 *     another one ──▶ forgotten, with record and note ──▶ noted
 *
 * A crash in between finds either all of it, or a key of which nothing is known.
 */
export class FollowedLeaders {
  readonly #options: FollowedLeadersOptions
  readonly #left: LeftClusters
  readonly #forgotten = new Map<string, ForgottenKey>()

  constructor(options: FollowedLeadersOptions) {
    const { storages, cluster, logger } = options
    this.#options = options
    this.#left = new LeftClusters(storages, cluster, logger)
  }

  /** Since this leader is followed; `undefined`: nothing. */
  forgotten({ path, storage }: Pick<KeyPlan, 'path' | 'storage'>): ForgottenKey | undefined {
    return this.#forgotten.get(`${storage} ${path}`)
  }

  async note(keys: readonly KeyPlan[], signal?: AbortSignal): Promise<void> {
    const left = await this.#left.left(keys, signal)
    for (const key of keys) if (!key.local) await this.#noteOne(key, left.has(key.storage), signal)
    await this.#left.enter(keys, left, signal)
  }

  /** `isElsewhere`: what stands of it is of another cluster. */
  async #noteOne(
    key: KeyPlan,
    isElsewhere: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { storages, address } = this.#options
    const storage = storages.get(key.storage)
    const at = notePath(key.path)
    const before = noteIn((await storage.state.get(at, signal))?.data)
    const leader = key.leader === address ? undefined : key.leader
    const hasMoved = before !== undefined && before.leader !== leader
    const isToGo = hasMoved && leader !== undefined && key.onLeaderChange === 'forget'
    const record = recordOf(key.path, await storage.state.get(recordPath(key.path), signal))
    const forgotten =
      isToGo && (isElsewhere || record?.leader !== leader)
        ? await this.#forget(key, storage, record?.leader ?? before.leader, signal)
        : hasMoved
          ? undefined
          : before?.forgotten
    if (forgotten !== undefined) this.#forgotten.set(`${key.storage} ${key.path}`, forgotten)
    if (before === undefined || hasMoved)
      await storage.state.set(
        at,
        { key: key.path, ...(leader !== undefined && { leader }), ...(forgotten && { forgotten }) },
        signal === undefined ? {} : { signal },
      )
  }

  async #forget(
    { path, storage: name, leader }: KeyPlan,
    { replica }: ClusterStorage,
    from: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ForgottenKey> {
    const { knownPeers, logger, runtime } = this.#options
    const sentTo = from === undefined ? undefined : knownPeers.at(name, from)?.peer
    const what = { patterns: [path], along: [recordPath(path), notePath(path)] }
    const gone = await replica.forget({ ...what, ...(sentTo && { sentTo }) }, signal)
    logger.warn('another leader is followed: what was here of a key is forgotten', {
      ...{ key: path, storage: name, leader, ...(from !== undefined && { from }) },
      ...gone,
    })
    return { at: runtime.now(), ...(from !== undefined && { from }), ...gone }
  }
}

interface Note {
  readonly leader: string | undefined
  readonly forgotten: ForgottenKey | undefined
}

function noteIn(data: unknown): Note | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { leader, forgotten } = data as Partial<Note>
  return { leader: plainAddress(leader), forgotten }
}

function notePath(key: string): string {
  return `${followedPattern.slice(0, -1)}${hexOf(key)}`
}

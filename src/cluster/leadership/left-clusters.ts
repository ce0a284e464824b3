import type { Logger } from '../../ports/index.ts'
import { areOfTwoClusters } from '../configuration/cluster-name.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { recordPattern } from '../configuration/own-paths.ts'
import type { Storages } from '../configuration/storages.ts'

/** Of which cluster a storage was last stands here, beside whom its keys followed: it stays here, and no key is in its way. */
const ownPath = 'cluster/leaders/name'

/**
 * Which storages come from a cluster with another name. Who was promoted there leads nothing here: all records go,
 * of keys that this server does not share as well, because all of them would travel. What was never named, or is not
 * now, is left as it is: names are being given, or taken.
 *
 *     before any link begins ──▶ records gone, in one commit ──▶ name noted
 *
 * A crash in between does the rest at the next start.
 */
export class LeftClusters {
  readonly #storages: Storages
  readonly #cluster: string | undefined
  readonly #logger: Logger

  constructor(storages: Storages, cluster: string | undefined, logger: Logger) {
    this.#storages = storages
    this.#cluster = cluster
    this.#logger = logger
  }

  /** Those of these keys. */
  async left(keys: readonly KeyPlan[], signal?: AbortSignal): Promise<ReadonlySet<string>> {
    const left = new Set<string>()
    for (const name of namesOf(keys))
      if (areOfTwoClusters(await this.#last(name, signal), this.#cluster)) left.add(name)
    return left
  }

  /** Forgets what is to be forgotten of `left`, and takes note of where the storages of these keys are now. */
  async enter(
    keys: readonly KeyPlan[],
    left: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const name of namesOf(keys)) {
      if (left.has(name)) await this.#forget(name, signal)
      if ((await this.#last(name, signal)) === this.#cluster) continue
      const cluster = this.#cluster
      const note = cluster === undefined ? {} : { cluster }
      await this.#storages
        .get(name)
        .state.set(ownPath, note, signal === undefined ? {} : { signal })
    }
  }

  async #forget(name: string, signal: AbortSignal | undefined): Promise<void> {
    const { state, replica } = this.#storages.get(name)
    const records = await state.list(recordPattern, signal === undefined ? {} : { signal })
    // Each time the storage begins anew for its peers.
    if (records.length === 0) return
    await replica.forget({ patterns: [], along: [recordPattern] }, signal)
    this.#logger.warn('promotions of another cluster are forgotten', {
      ...{ storage: name, records: records.length, cluster: this.#cluster },
    })
  }

  async #last(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const data = (await this.#storages.get(name).state.get(ownPath, signal))?.data
    const { cluster } = (data ?? {}) as Partial<Record<string, unknown>>
    return typeof cluster === 'string' ? cluster : undefined
  }
}

function namesOf(keys: readonly KeyPlan[]): ReadonlySet<string> {
  return new Set(keys.map(({ storage }) => storage))
}

import type { Logger } from '../../ports/index.ts'
import { areOfTwoClusters, otherCluster } from '../configuration/cluster-name.ts'

/** Who may call a server: nobody of a cluster with another name. */
export class Callers {
  readonly #own: string | undefined
  readonly #logger: Logger
  /** The clusters that were told of. */
  readonly #told = new Set<string>()

  constructor(own: string | undefined, logger: Logger) {
    this.#own = own
    this.#logger = logger
  }

  /** Throws `forbidden`; the first time for each other cluster it is logged. */
  admit(cluster: string | undefined): void {
    const own = this.#own
    if (cluster === undefined || own === undefined || !areOfTwoClusters(cluster, own)) return
    if (!this.#told.has(cluster) && this.#told.size < mostTold) {
      this.#told.add(cluster)
      this.#logger.warn('a server of another cluster is refused', { cluster, own })
    }
    throw otherCluster('who calls', { cluster, own }, where)
  }
}

/** Whoever calls may call itself anything. */
const mostTold = 100
const where = { operation: 'admit', component: 'cluster' }

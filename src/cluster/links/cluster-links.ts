import type { LinkClosing, Unsent } from '../../link/index.ts'
import type { Logger } from '../../ports/index.ts'
import { type ClusterLink, isSameLink, linkKey } from './cluster-link.ts'
import type { DesiredLink } from './desired-links.ts'

/** What a peer had not confirmed when the cluster was closed. */
export interface UnsentToPeer {
  readonly address: string
  readonly storage: string
  /** Absent: nobody knows. */
  readonly unsent?: Unsent
}

/** The links there are, made to be those that are desired. */
export class ClusterLinks {
  readonly #make: (desired: DesiredLink) => ClusterLink
  readonly #logger: Logger
  readonly #links = new Map<string, ClusterLink>()
  readonly #ending = new Set<Promise<void>>()
  #isClosed = false

  constructor(make: (desired: DesiredLink) => ClusterLink, logger: Logger) {
    this.#make = make
    this.#logger = logger
  }

  get all(): readonly ClusterLink[] {
    return [...this.#links.values()]
  }

  /** Begins what is missing, ends what is not desired any more, and leaves the rest alone. */
  reconcile(desired: readonly DesiredLink[]): void {
    if (this.#isClosed) return
    const wanted = new Map(desired.map((one) => [linkKey(one), one]))
    for (const [key, link] of this.#links) {
      const now = wanted.get(key)
      if (now !== undefined && isSameLink(now, link.desired)) {
        // It may be for other reasons now.
        link.desired = now
        wanted.delete(key)
      } else this.#end(key, link)
    }
    for (const [key, one] of wanted) {
      try {
        const link = this.#make(one)
        this.#links.set(key, link)
        link.link.start()
      } catch (error) {
        this.#logger.error('a link could not be made', { peer: one.address, error })
      }
    }
  }

  /** A peer that was away answers again: nobody waits any longer, and no stream from before is trusted. */
  peerIsBack(address: string): void {
    for (const { desired, link } of this.#links.values()) {
      if (desired.address !== address) continue
      if (link.phase === 'live') {
        link.stop()
        link.start()
      } else link.nudge()
    }
  }

  async close(closing: LinkClosing): Promise<readonly UnsentToPeer[]> {
    this.#isClosed = true
    const ends = [...this.#links].map(async ([, link]) => {
      const { address, storage } = link.desired
      const unsent = await link.close(closing).catch((error: unknown) => {
        this.#logger.warn('a link could not be closed', { error })
        return undefined
      })
      return { address, storage, ...(unsent && { unsent }) }
    })
    const left = await Promise.all(ends)
    await Promise.all(this.#ending)
    return left
  }

  /** What is under way stops at once; the rest of its end is waited for when all is closed. */
  #end(key: string, link: ClusterLink): void {
    this.#links.delete(key)
    link.link.stop()
    const end = link.close({ flush: false }).then(
      () => {},
      (error: unknown) => this.#logger.warn('a link could not be closed', { error }),
    )
    this.#ending.add(end)
    void end.then(() => this.#ending.delete(end))
  }
}

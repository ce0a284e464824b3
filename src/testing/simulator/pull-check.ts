import type { EventStore } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LinkId } from '../../event/index.ts'
import { type Cursor, parseCursor, readUpTo } from '../../version/index.ts'
import type { Report } from './ledger.ts'

export interface PullCheckOptions {
  readonly node: string
  readonly store: EventStore
  readonly report: Report
  /** The logs of those that are up. */
  readonly peers: () => readonly EventStore[]
}

/**
 * L4, while links are at work: after each page that one process pulls, all that the peer's log has up to its
 * cursor is here. Looks at the log itself, not at what came from it. Only what has been pulled since the
 * start of the process; what came before is checked as a whole then. Not where a disk was replaced: a copy is
 * noticed at the next contact, and until then two logs go by one name.
 */
export class PullCheck {
  readonly #options: PullCheckOptions
  readonly #pulled = new Map<LinkId, Cursor>()

  constructor(options: PullCheckOptions) {
    this.#options = options
  }

  async pulled(via: LinkId, to: Cursor): Promise<void> {
    const from = this.#pulled.get(via)
    this.#pulled.set(via, to)
    if (from === undefined) return
    try {
      await this.#check(via, from, to)
    } catch (error) {
      // The peer's disk may have failed meanwhile, or this one's: then there is nothing to look at.
      if (!(error instanceof RejoinError && error.code.startsWith('storage_'))) throw error
    }
  }

  async #check(via: LinkId, from: Cursor, to: Cursor): Promise<void> {
    for (const peer of this.#options.peers()) {
      if ((await peer.identity()).origin !== via) continue
      const absent = await this.#absent(peer, from, to)
      if (absent === undefined) return
      const { node, report } = this.#options
      return report('L4', `${node} has not got ${absent}, which ${via} has before ${to}`)
    }
  }

  /** A log that goes on under other marks has no say. */
  async #absent(peer: EventStore, from: Cursor, to: Cursor): Promise<string | undefined> {
    const point = parseCursor(to)
    // What a filter covers is held against the whole log, after each start.
    if (point === undefined || point.filter !== '') return undefined
    for (let cursor = from; ; ) {
      const page = await peer.changes(cursor, { count: 1, bytes: 1 })
      const reached = page.kind === 'page' ? parseCursor(page.cursor) : undefined
      if (page.kind === 'reset' || reached === undefined) return undefined
      // What stands behind it is for later.
      if (readUpTo(reached) > readUpTo(point)) return undefined
      const here = await this.#options.store.fetch(page.changes.map(({ id }) => id))
      const absent = page.changes.find(({ id }) => here.every((one) => one.id !== id))
      if (absent !== undefined || !page.more) return absent?.id
      cursor = page.cursor
    }
  }
}

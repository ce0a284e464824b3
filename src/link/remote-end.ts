import type { Parked } from '../contracts/index.ts'
import type { LinkId } from '../event/index.ts'
import type { Change } from './change.ts'
import type { CheckedSetup } from './link-setup.ts'
import { countUnsent, outboxFills, type Unsent } from './outbox.ts'
import type { Scanned } from './scanned.ts'
import type { Session } from './session.ts'

/** The other end of a link: who it is, as it said last, and what is still to go there. */
export class RemoteEnd<C extends Change> {
  readonly #setup: Pick<CheckedSetup<C>, 'replica' | 'filter' | 'guessPeer'>
  readonly #scanned: Scanned
  #session: Session<C> | undefined

  constructor(setup: Pick<CheckedSetup<C>, 'replica' | 'filter' | 'guessPeer'>, scanned: Scanned) {
    this.#setup = setup
    this.#scanned = scanned
  }

  /** As it was greeted last; `undefined` until it was reached. */
  get session(): Session<C> | undefined {
    return this.#session
  }

  /** `undefined` until it was reached. */
  get peer(): LinkId | undefined {
    return this.#session?.peer
  }

  /** Answers whether somebody else was there before. */
  greeted(session: Session<C>): boolean {
    const before = this.peer ?? session.peer
    this.#session = session
    return session.peer !== before
  }

  /** How much it has not confirmed; `undefined` when nobody knows. */
  async unsent(signal?: AbortSignal): Promise<Unsent | undefined> {
    const { replica, filter, guessPeer } = this.#setup
    const peer = this.peer ?? (await guessPeer?.(signal))
    if (peer === undefined) return undefined
    return countUnsent({ replica, peer, filter, scanned: this.#scanned }, signal)
  }

  /** What it refuses. */
  async parked(signal?: AbortSignal): Promise<readonly Parked[]> {
    const { peer } = this
    return peer === undefined ? [] : (await this.#setup.replica.link(peer, signal)).parked
  }

  /** Calls back whenever there is something to push, until the signal aborts or the log closes. */
  async watchOutbox(onFilled: () => void, signal: AbortSignal): Promise<void> {
    const { peer } = this
    if (peer === undefined) return
    const { replica, filter } = this.#setup
    for await (const _ of outboxFills({ replica, peer, filter, scanned: this.#scanned }, signal)) {
      if (signal.aborted) return
      onFilled()
    }
  }
}

import type { Replica, Transport } from '../contracts/index.ts'
import type { LinkId, Origin } from '../event/index.ts'
import type { Logger } from '../ports/index.ts'
import { type Cursor, start } from '../version/index.ts'
import type { Change } from './change.ts'
import type { Outcome } from './outcome.ts'

/** Between whom, and what the greeting has told. */
export interface TellingOptions<C extends Change> {
  readonly replica: Replica<C>
  readonly transport: Transport<C>
  readonly logger: Logger
  readonly peer: LinkId
  /** Under which we greeted. */
  readonly origin: Origin
  /** In the peer's log: how far we have read it, as the greeting said. */
  readonly told: Cursor
  /** The remote keeps a record of its peers; else there is nobody to tell. */
  readonly listens: boolean
}

/**
 * Tells the remote how far its log is read here: what is still to be read it keeps for us. A greeting says what was
 * known when it began; this adds what was read since, above all that there is a reader at all. A telling that is
 * overtaken by an older one makes the remote keep more, until the next greeting.
 */
export class Telling<C extends Change> {
  readonly #options: TellingOptions<C>
  #told: Cursor
  #hasFailed = false
  #underWay: Promise<Outcome> | undefined

  constructor(options: TellingOptions<C>) {
    this.#options = options
    this.#told = options.told
  }

  /** Nobody there has heard that the log is read here, nor was it tried in vain. */
  get isFirst(): boolean {
    return this.#options.listens && this.#told === start && !this.#hasFailed
  }

  /**
   * Does nothing where nothing was read since; one at a time. Never rejects: what is not told now, the next greeting
   * tells. `again`: somebody else answers there.
   */
  tell(signal: AbortSignal): Promise<Outcome> {
    this.#underWay ??= this.#tell(signal).finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #tell(signal: AbortSignal): Promise<Outcome> {
    const { replica, transport, logger, peer, origin, listens } = this.#options
    if (!listens) return 'done'
    try {
      const known = await replica.knowledge(peer, signal)
      const isOurs = (await replica.identity(signal)).origin === origin
      if (known.pulled === this.#told || !isOurs) return 'done'
      const answer = await transport.hello({ origin, you: { ...known, origin: peer } }, signal)
      this.#told = known.pulled
      return answer.origin === peer ? 'done' : 'again'
    } catch (error) {
      this.#hasFailed = true
      if (!signal.aborted)
        logger.info('the remote was not told how far it is read; that is told later', { error })
      return 'done'
    }
  }
}

import type { Runtime } from '../runtime/index.ts'
import { Backoff } from './backoff.ts'
import type { Change } from './change.ts'
import type { RemoteEnd } from './remote-end.ts'
import type { Waits } from './waits.ts'

/**
 * When a live link offers again what the remote refuses for its clock: time heals that, and no commit tells of it. The
 * next look beside the stream, which offers it, comes sooner then: after 2 to 4 seconds, and after more each time, up
 * to a minute.
 */
export class Healing<C extends Change> {
  readonly #remote: Pick<RemoteEnd<C>, 'parked'>
  readonly #waits: Pick<Waits, 'atMost'>
  readonly #backoff: Backoff
  #isShortened = false

  constructor(
    remote: Pick<RemoteEnd<C>, 'parked'>,
    waits: Pick<Waits, 'atMost'>,
    runtime: Pick<Runtime, 'random'>,
  ) {
    this.#remote = remote
    this.#waits = waits
    this.#backoff = new Backoff({ least: 2_000, first: 4_000, longest: 60_000 }, runtime)
  }

  /** A look beside the stream is over, and the wait for the next one has begun. */
  async begun(signal: AbortSignal): Promise<void> {
    this.#isShortened = false
    await this.#look(signal)
  }

  /** Something was refused meanwhile. */
  async refused(signal: AbortSignal): Promise<void> {
    if (!this.#isShortened) await this.#look(signal)
  }

  async #look(signal: AbortSignal): Promise<void> {
    const parked = await this.#remote.parked(signal)
    if (signal.aborted || this.#isShortened) return
    const heals = parked.some(({ reason }) => reason === 'clock')
    if (!heals) this.#backoff.reset()
    else if (parked.length <= mostOffered) {
      this.#isShortened = true
      this.#waits.atMost(this.#backoff.failed())
    }
  }
}

/** All of them are sent each time: more are not worth it. */
const mostOffered = 1_000

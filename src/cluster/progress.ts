import type { LinkedChange, Replica, Transport } from '../contracts/index.ts'
import type { Runtime } from '../runtime/index.ts'

export interface ProgressOptions {
  readonly replica: Pick<Replica<LinkedChange>, 'identity' | 'knowledge'>
  readonly transport: Pick<Transport<LinkedChange>, 'hello'>
  readonly runtime: Pick<Runtime, 'monotonic'>
}

/**
 * Tells a peer how far this server has read it. Greetings do so, and a link that stays live for weeks has none: the
 * peer would not know that it has a reader, or keep all tombstones for it that it has read long since.
 */
export class Progress {
  readonly #options: ProgressOptions
  #toldAt: number | undefined

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  /** Rejects with what failed; it is told the next time then. Does nothing when it was told within the last hour. */
  async tell(signal: AbortSignal): Promise<void> {
    const { replica, transport, runtime } = this.#options
    const now = runtime.monotonic()
    if (this.#toldAt !== undefined && now - this.#toldAt < anHour) return
    this.#toldAt = now
    try {
      const { origin } = await replica.identity(signal)
      const peer = (await transport.hello({ origin }, signal)).origin
      const known = await replica.knowledge(peer, signal)
      await transport.hello({ origin, you: { ...known, origin: peer } }, signal)
    } catch (error) {
      this.#toldAt = undefined
      throw error
    }
  }
}

const anHour = 3_600_000

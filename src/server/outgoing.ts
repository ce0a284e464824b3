import type { ServerResponse } from 'node:http'
import type { Runtime } from '../runtime/index.ts'

export interface OutgoingLimits {
  /** What all answers under way may hold together. */
  readonly bytes: number
  /** Milliseconds in which a reader must take something. */
  readonly stall: number
}

/**
 * What has been handed to sockets whose readers have not taken it yet; what many of them wait for is held once.
 * A reader that takes nothing for too long is dropped, and so is the one that has waited longest when all of
 * them together hold too much: it comes back and goes on from its cursor.
 */
export class Outgoing {
  readonly #limits: OutgoingLimits
  readonly #runtime: Pick<Runtime, 'timer'>
  /** Longest waiting first. */
  readonly #waiting = new Map<ServerResponse, ArrayBufferLike>()
  /** How many wait for it. */
  readonly #held = new Map<ArrayBufferLike, number>()
  #bytes = 0

  constructor(limits: OutgoingLimits, runtime: Pick<Runtime, 'timer'>) {
    this.#limits = limits
    this.#runtime = runtime
  }

  /** Resolves when the reader has taken what was written, or is gone. */
  async drained(response: ServerResponse, { buffer }: Uint8Array): Promise<void> {
    if (response.destroyed) return
    this.#hold(response, buffer)
    const stalled = this.#runtime.timer(this.#limits.stall, () => response.destroy())
    const drained = drainOf(response)
    this.#dropSlowest()
    await drained
    stalled.cancel()
    this.#release(response)
  }

  #dropSlowest(): void {
    for (const response of this.#waiting.keys()) {
      if (this.#bytes <= this.#limits.bytes) return
      this.#release(response)
      response.destroy()
    }
  }

  #hold(response: ServerResponse, buffer: ArrayBufferLike): void {
    const others = this.#held.get(buffer) ?? 0
    if (others === 0) this.#bytes += buffer.byteLength
    this.#held.set(buffer, others + 1)
    this.#waiting.set(response, buffer)
  }

  #release(response: ServerResponse): void {
    const buffer = this.#waiting.get(response)
    if (buffer === undefined) return
    this.#waiting.delete(response)
    const others = (this.#held.get(buffer) ?? 1) - 1
    if (others > 0) this.#held.set(buffer, others)
    else {
      this.#held.delete(buffer)
      this.#bytes -= buffer.byteLength
    }
  }
}

function drainOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle)
      response.off('close', settle)
      resolve()
    }
    response.once('drain', settle)
    response.once('close', settle)
  })
}

import type { ServerResponse } from 'node:http'
import type { Runtime } from '../runtime/index.ts'

export interface OutgoingLimits {
  /** What all answers under way may hold together. */
  readonly bytes: number
  /** Milliseconds in which a reader must take something. */
  readonly stall: number
}

/**
 * What has been handed to sockets whose readers have not taken it yet. A reader that takes nothing for too
 * long is dropped, and so is the one that has waited longest when all of them together hold too much: it
 * comes back and goes on from its cursor.
 */
export class Outgoing {
  readonly #limits: OutgoingLimits
  readonly #runtime: Pick<Runtime, 'timer'>
  /** Longest waiting first. */
  readonly #waiting = new Map<ServerResponse, number>()
  #bytes = 0

  constructor(limits: OutgoingLimits, runtime: Pick<Runtime, 'timer'>) {
    this.#limits = limits
    this.#runtime = runtime
  }

  /** Resolves when the reader has taken what was written, or is gone. */
  async drained(response: ServerResponse, bytes: number): Promise<void> {
    if (response.destroyed) return
    this.#waiting.set(response, bytes)
    this.#bytes += bytes
    const stalled = this.#runtime.timer(this.#limits.stall, () => response.destroy())
    const drained = drainOf(response)
    this.#dropSlowest()
    await drained
    stalled.cancel()
    this.#waiting.delete(response)
    this.#bytes -= bytes
  }

  #dropSlowest(): void {
    let over = this.#bytes - this.#limits.bytes
    for (const [response, bytes] of this.#waiting) {
      if (over <= 0) return
      if (response.destroyed) continue
      response.destroy()
      over -= bytes
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

import { RejoinError } from '../../errors/index.ts'
import type { Count } from './bytes.ts'

/**
 * What many bodies may hold together: each alone may keep to its limit while a thousand of them fill the
 * memory. Beyond the budget a body is refused with `unavailable`, and its sender comes back.
 */
export class Budget {
  readonly #limit: number
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Runs `work`; what it counts is given back when it has ended. */
  async during<T>(work: (count: Count) => Promise<T>): Promise<T> {
    let mine = 0
    try {
      return await work((bytes) => {
        if (this.#used + bytes > this.#limit) throw busy()
        this.#used += bytes
        mine += bytes
      })
    } finally {
      this.#used -= mine
    }
  }
}

function busy(): RejoinError {
  return new RejoinError('unavailable', 'too many request bodies at one time', {
    operation: 'serve',
    component: 'transport/http',
  })
}

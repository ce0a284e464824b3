import { RejoinError } from '../../errors/index.ts'

/** What one body may still take of what all bodies may hold together. Both throw when that is too little. */
export interface Allowance {
  /** Takes nothing yet: asks whether a body that announces this size is worth beginning. */
  expect(bytes: number): void
  take(bytes: number): void
}

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

  /** Runs `work`; what it takes is given back when it has ended. */
  async during<T>(work: (allowance: Allowance) => T | Promise<T>): Promise<T> {
    let mine = 0
    const expect = (bytes: number) => {
      if (this.#used + bytes > this.#limit) throw busy()
    }
    const take = (bytes: number) => {
      expect(bytes)
      this.#used += bytes
      mine += bytes
    }
    try {
      return await work({ expect, take })
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

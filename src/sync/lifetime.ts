import { RejoinError } from '../errors/index.ts'

/** Whether a node is open; nothing begins once it is not. */
export class Lifetime {
  #isOver = false

  end(): void {
    this.#isOver = true
  }

  /** Throws `closed`. */
  mustHold(operation: string): void {
    if (this.#isOver) throw closed(operation)
  }

  /** Rejects with `closed`. */
  async open<T>(work: () => Promise<T>): Promise<T> {
    this.mustHold('use')
    return work()
  }

  /** The same items, as long as the node is open. */
  async *each<T>(items: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = await this.open(() => items.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      await items.return()
    }
  }
}

export function closed(operation: string): RejoinError {
  return new RejoinError('closed', 'this node is closed', { operation, component: 'sync' })
}

import type { IncomingMessage } from 'node:http'
import type { ByteReader, ByteSource } from '../transport/http/bytes.ts'

/** The body of a Node request, read from the socket only as fast as it is asked for. It has one reader. */
export function nodeBody(message: IncomingMessage): ByteSource {
  return { getReader: () => new NodeBodyReader(message) }
}

/** The same as fetch has it. */
export function bodyStream(source: ByteSource): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value } = await reader.read()
        if (value === undefined) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

class NodeBodyReader implements ByteReader {
  readonly #message: IncomingMessage
  #isCancelled = false
  #wake = () => {}

  constructor(message: IncomingMessage) {
    this.#message = message
  }

  async read(): Promise<{ done: boolean; value?: Uint8Array }> {
    const message = this.#message
    // What came in one piece with the head is here once the parser has gone through that piece.
    await undefined
    for (;;) {
      if (this.#isCancelled) return { done: true }
      const value: Buffer | null = message.read()
      if (value !== null) return { done: false, value }
      if (message.complete) return { done: true }
      if (message.destroyed)
        throw new Error('the connection broke off', { cause: message.errored ?? undefined })
      await this.#news()
    }
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true
    this.#wake()
  }

  /** Resolves when there is more to read, or never will be. */
  #news(): Promise<void> {
    const message = this.#message
    return new Promise((resolve) => {
      this.#wake = () => {
        for (const event of events) message.off(event, this.#wake)
        resolve()
      }
      for (const event of events) message.on(event, this.#wake)
    })
  }
}

const events = ['readable', 'end', 'error', 'close'] as const

import type { IncomingMessage } from 'node:http'
import type { ByteReader, ByteSource } from '../transport/http/bytes.ts'

/** The body of a Node request, read from the socket only as fast as it is asked for. It has one reader. */
export class NodeBody implements ByteSource {
  readonly #message: IncomingMessage
  /** Bytes still to come, where that is known; `NaN` where it is not. */
  #left: number

  constructor(message: IncomingMessage) {
    this.#message = message
    this.#left = Number(message.headers['content-length'] ?? Number.NaN)
  }

  /** All that it announced has been read. Node says that a message is complete only later. */
  get isRead(): boolean {
    return this.#left === 0
  }

  async whole(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const message = this.#message
    // What came in one piece with the head is here once the parser has gone through that piece.
    await undefined
    return message.readableLength === this.#left ? this.next() : undefined
  }

  /** What is here by now. */
  next(): Buffer<ArrayBuffer> | undefined {
    const piece: Buffer<ArrayBuffer> | null = this.#message.read()
    this.#left -= piece?.byteLength ?? 0
    return piece ?? undefined
  }

  getReader(): ByteReader {
    return new NodeBodyReader(this.#message, this)
  }
}

/** The same as fetch has it. */
export function bodyStream(source: ByteSource): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (value !== undefined) controller.enqueue(value)
        if (done) controller.close()
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

class NodeBodyReader implements ByteReader {
  readonly #message: IncomingMessage
  readonly #body: NodeBody
  #isCancelled = false
  #wake = () => {}

  constructor(message: IncomingMessage, body: NodeBody) {
    this.#message = message
    this.#body = body
  }

  async read(): Promise<{ done: boolean; value?: Uint8Array }> {
    const message = this.#message
    // As above.
    await undefined
    for (;;) {
      if (this.#isCancelled) return { done: true }
      const value = this.#body.next()
      if (value !== undefined) return { done: this.#body.isRead, value }
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

import type { ChangePage } from '../../contracts/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime, Timer } from '../../runtime/index.ts'
import type { Following } from '../remote/index.ts'
import { eventStreamType, signOfLife } from './event-stream.ts'

export interface LiveStreamsOptions {
  readonly runtime: Pick<Runtime, 'timer'>
  readonly logger: Logger
  /** Milliseconds between two signs of life. */
  readonly heartbeat: number
}

/** What a stream is made of. */
export interface StreamSource<C> {
  join(reader: { deliver(page: ChangePage<C>): boolean; failed(error: unknown): void }): Following
  readonly encode: PageBytes<C>
}

/** The bytes of a page; the same object for the same page. */
export type PageBytes<C> = (page: ChangePage<C>) => Uint8Array<ArrayBuffer>

/**
 * Answers that go on. Each takes a page when its reader asks for more and not before: nothing is kept for a
 * reader who is slow, who goes on from their cursor. One timer gives signs of life to all of them.
 */
export class LiveStreams {
  readonly #options: LiveStreamsOptions
  readonly #alive = new Set<() => void>()
  #timer: Timer | undefined

  constructor(options: LiveStreamsOptions) {
    this.#options = options
  }

  /** Without a body for HEAD. */
  answer<C>(request: Request, source: StreamSource<C>): Response {
    const body = request.method === 'HEAD' ? null : this.#body(source)
    return new Response(body, { status: 200, headers: streamHeaders })
  }

  #body<C>({ join, encode }: StreamSource<C>): ReadableStream<Uint8Array> {
    let following: Following | undefined
    let isWanted = false
    let controller: ReadableStreamDefaultController<Uint8Array>
    const send = (bytes: Uint8Array) => {
      isWanted = false
      controller.enqueue(bytes)
    }
    const beat = () => {
      if (isWanted) send(signOfLife)
    }
    const end = () => {
      this.#forget(beat)
      controller.close()
    }
    const reader = {
      deliver(page: ChangePage<C>) {
        if (page.kind === 'page' && !isWanted) return false
        send(encode(page))
        if (page.kind === 'reset') end()
        return true
      },
      failed: (error: unknown) => {
        this.#options.logger.warn('a stream ended', { error })
        end()
      },
    }
    return new ReadableStream<Uint8Array>(
      {
        start: (given) => {
          controller = given
        },
        // Only now: an answer that nobody reads follows nothing.
        pull: () => {
          isWanted = true
          if (following !== undefined) return following.resume()
          this.#keepAlive(beat)
          following = join(reader)
        },
        cancel: () => {
          this.#forget(beat)
          following?.leave()
        },
      },
      { highWaterMark: 0 },
    )
  }

  #keepAlive(beat: () => void): void {
    this.#alive.add(beat)
    this.#timer ??= this.#next()
  }

  #forget(beat: () => void): void {
    this.#alive.delete(beat)
    if (this.#alive.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #next(): Timer {
    return this.#options.runtime.timer(this.#options.heartbeat, () => {
      this.#timer = this.#next()
      for (const beat of this.#alive) beat()
    })
  }
}

/** Of every answer that goes on. */
export const streamHeaders = {
  'content-type': eventStreamType,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Or nginx collects some of it first.
  'x-accel-buffering': 'no',
}

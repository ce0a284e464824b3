import type { Runtime } from '../../runtime/index.ts'
import type { Count } from './bytes.ts'

export interface Patience {
  readonly runtime: Pick<Runtime, 'timer'>
  /** Milliseconds to wait for the next piece. */
  readonly idle: number
  /** Milliseconds to wait for the whole. */
  readonly whole: number
  readonly late: () => Error
}

export interface Metered {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>
  /** Why the stream broke off, in the words of whoever broke it, not of a decompressor behind it. */
  failure(): unknown
}

/** The same stream, but one that counts its bytes and does not wait for ever. Reads only when asked. */
export function metered(
  source: ReadableStream<Uint8Array>,
  count: Count,
  patience?: Patience,
): Metered {
  const reader = source.getReader()
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    whole?.cancel()
    // Also ends a read that is waiting.
    reader.cancel(error).catch(() => {})
  }
  const late = () => fail(patience?.late())
  const whole = patience?.runtime.timer(patience.whole, late)

  const next = async () => {
    const idle = patience?.runtime.timer(patience.idle, late)
    try {
      return await reader.read()
    } finally {
      idle?.cancel()
    }
  }

  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await next()
          if (failure !== undefined) throw failure
          if (value !== undefined) count(value.byteLength)
          if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>)
          whole?.cancel()
          controller.close()
        } catch (error) {
          fail(error)
          throw error
        }
      },
      cancel(reason) {
        whole?.cancel()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, failure: () => failure }
}

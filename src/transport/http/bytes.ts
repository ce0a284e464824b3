import type { Runtime } from '../../runtime/index.ts'
import { Blocks, type Reserve } from './blocks.ts'

/** Is told of every piece that comes in, and throws when it is one too many. */
export type Count = (bytes: number) => void

/** Counts up to a limit, and throws what `over` gives beyond it. */
export function atMost(limit: number, over: () => Error): Count {
  let sum = 0
  return (bytes) => {
    sum += bytes
    if (sum > limit) throw over()
  }
}

export interface Collecting {
  readonly count: Count
  readonly reserve?: Reserve
  readonly patience?: Patience
}

export interface Patience {
  readonly runtime: Pick<Runtime, 'timer'>
  /** Milliseconds to wait for the next piece. */
  readonly idle: number
  /** Milliseconds to wait for the whole. */
  readonly whole: number
  readonly late: () => Error
}

/** What is needed of a stream of bytes to read it. */
export interface ByteSource {
  getReader(): ByteReader
  /**
   * All of it, where it is here by now and how long it would be was announced; then nothing is left to read.
   * Resolves with `undefined`, and nothing has been read, where it is still coming.
   */
  whole?(): Promise<Uint8Array<ArrayBuffer> | undefined>
}

export interface ByteReader {
  /** The next piece; when it is known to be the last, `done` comes with it. */
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  /** Nobody will read on. */
  cancel(reason: unknown): Promise<void>
}

/** The whole of a stream. It is cancelled when it grows beyond what is allowed, or takes too long. */
export async function collect(
  stream: ByteSource,
  { count, reserve = () => {}, patience }: Collecting,
): Promise<Blocks> {
  const reader = stream.getReader()
  const blocks = new Blocks(reserve)
  let failure: unknown
  const late = () => {
    failure = patience?.late()
    // Also ends the read that is waiting.
    reader.cancel(failure).catch(() => {})
  }
  const whole = patience?.runtime.timer(patience.whole, late)
  // The whole would be too late no later.
  const canIdle = patience !== undefined && patience.idle < patience.whole
  try {
    for (;;) {
      const idle = canIdle ? patience.runtime.timer(patience.idle, late) : undefined
      const { done, value } = await (idle ? reader.read().finally(idle.cancel) : reader.read())
      if (failure !== undefined) throw failure
      if (value !== undefined) {
        count(value.byteLength)
        if (done) blocks.addLast(value as Uint8Array<ArrayBuffer>)
        else blocks.add(value as Uint8Array<ArrayBuffer>)
      }
      if (done) return blocks
    }
  } catch (error) {
    // What went wrong is already known; whether the source also minds being cancelled is not worth hearing.
    await reader.cancel(error).catch(() => {})
    throw error
  } finally {
    whole?.cancel()
  }
}

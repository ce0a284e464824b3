import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { untilAborted } from '../remote/index.ts'
import { eventStreamType, type StreamMessage } from './event-stream.ts'
import { EventStreamDecoder } from './event-stream-decoder.ts'
import { notOurs } from './failure.ts'
import { mediaType } from './media.ts'

export interface ListeningOptions {
  readonly base: string
  readonly runtime: Pick<Runtime, 'timer'>
  /** Characters of one message. */
  readonly most: number
  /** Milliseconds without a sign of life after which the connection counts as lost; absent: none. */
  readonly silence?: number
}

/**
 * The messages of an answer that goes on, each read when it is asked for. Rejects with `network` when the
 * stream ends, and when nothing is heard for too long; with `protocol` when it is no event stream; with the
 * signal's reason as soon as it aborts.
 */
export async function* messagesOf(
  response: Response,
  options: ListeningOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamMessage, void> {
  const { base, most } = options
  const type = mediaType(response.headers)
  if (type !== eventStreamType || response.body === null) {
    await response.body?.cancel().catch(() => {})
    throw notOurs(operation, base, `the answer is ${type || 'untyped'}, not ${eventStreamType}`)
  }
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const text = new TextDecoder('utf-8', { fatal: true })
  const messages = new EventStreamDecoder(most, () => tooLarge(most))
  try {
    for (;;) {
      const { done, value } = await untilAborted(signal, heard(reader, options))
      if (done) throw lost(base, 'the stream ended')
      yield* messages.decode(decoded(text, value, base))
    }
  } finally {
    // What went wrong is known; whether the source minds being cancelled is not worth hearing.
    await reader.cancel().catch(() => {})
  }
}

function decoded(text: TextDecoder, bytes: Uint8Array, base: string): string {
  try {
    return text.decode(bytes, { stream: true })
  } catch (cause) {
    throw notOurs(operation, base, 'the stream is not UTF-8', { cause })
  }
}

async function heard(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { base, runtime, silence }: ListeningOptions,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  if (silence === undefined) return reader.read()
  let isSilent = false
  const timer = runtime.timer(silence, () => {
    isSilent = true
    reader.cancel().catch(() => {})
  })
  try {
    const piece = await reader.read()
    if (isSilent) throw lost(base, `nothing was heard for ${silence} ms`)
    return piece
  } finally {
    timer.cancel()
  }
}

function lost(base: string, how: string): RejoinError {
  return new RejoinError('network', `lost ${base}: ${how}`, {
    operation,
    component: 'transport/http',
    details: { url: base },
  })
}

function tooLarge(limit: number): RejoinError {
  return new RejoinError('too_large', `a page is larger than ${limit} characters`, {
    operation,
    component: 'transport/http',
    details: { limit },
  })
}

const operation = 'subscribe'

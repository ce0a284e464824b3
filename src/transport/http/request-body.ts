import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { atMost, type Count, collect } from './bytes.ts'
import { gunzipped } from './gzip.ts'
import type { HttpLimits } from './limits.ts'
import { metered } from './metered.ts'

export interface BodyOptions {
  readonly limits: HttpLimits
  readonly runtime: Pick<Runtime, 'timer'>
  /** Counts what all bodies hold together. */
  readonly buffered: Count
}

/** The request's content coding is none that we read. */
export function isForeignEncoding(headers: Headers): boolean {
  return !['', 'identity', 'gzip', 'x-gzip'].includes(encoding(headers))
}

/**
 * The text of a request's body. Every limit is held before the memory is spent: what is announced is
 * checked first, the rest while it streams in. Throws `too_large`, `timeout`, `invalid_frame`, and what
 * `buffered` throws.
 */
export async function readRequestText(request: Request, options: BodyOptions): Promise<string> {
  const { limits, runtime, buffered } = options
  const packed = encoding(request.headers).endsWith('gzip')
  const limit = packed ? limits.bodyBytes : Math.min(limits.bodyBytes, limits.unpackedBytes)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge('body', limit)
  if (request.body === null) return ''
  const patience = { runtime, idle: limits.bodyIdle, whole: limits.bodyTime, late }
  const source = metered(
    request.body,
    atMost(limit, () => tooLarge('body', limit)),
    patience,
  )
  const unpacked = atMost(limits.unpackedBytes, () =>
    tooLarge('unpacked body', limits.unpackedBytes),
  )
  const count = (bytes: number) => {
    unpacked(bytes)
    buffered(bytes)
  }
  const stream = packed ? gunzipped(source.stream) : source.stream
  const bytes = await collect(stream, count).catch((error: unknown) => {
    throw source.failure() ?? (error instanceof RejoinError ? error : notGzip(error))
  })
  return textOf(bytes)
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw refused('invalid_frame', 'the body is not UTF-8', cause)
  }
}

function encoding(headers: Headers): string {
  return headers.get('content-encoding')?.trim().toLowerCase() ?? ''
}

function tooLarge(what: string, limit: number): RejoinError {
  return new RejoinError('too_large', `the ${what} is larger than ${limit} bytes`, {
    operation: 'serve',
    component: 'transport/http',
    details: { limit },
  })
}

function late(): RejoinError {
  return refused('timeout', 'the body came too slowly')
}

function notGzip(cause: unknown): RejoinError {
  return refused(
    'invalid_frame',
    'the body is not the gzip it claims to be, or is cut short',
    cause,
  )
}

function refused(code: 'invalid_frame' | 'timeout', message: string, cause?: unknown): RejoinError {
  return new RejoinError(code, message, { operation: 'serve', component: 'transport/http', cause })
}

// A byte order mark stays in the text, where it is refused as what it is: not a frame.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

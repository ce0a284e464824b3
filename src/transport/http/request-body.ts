import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Blocks } from './blocks.ts'
import type { Allowance } from './budget.ts'
import { atMost, collect } from './bytes.ts'
import { gunzipped } from './gzip.ts'
import type { HttpLimits } from './limits.ts'

export interface BodyOptions {
  readonly limits: HttpLimits
  readonly runtime: Pick<Runtime, 'timer'>
  /** Takes from what all bodies may hold together. */
  readonly allowance: Allowance
}

/** The request's content coding is none that we read. */
export function isForeignEncoding(headers: Headers): boolean {
  return !['', 'identity', 'gzip', 'x-gzip'].includes(encoding(headers))
}

/**
 * The text of a request's body. Every limit is held before the memory is spent: what is announced is
 * checked first, the rest while it streams in. Throws `too_large`, `timeout`, `invalid_frame`, and what
 * `allowance` throws.
 */
export async function readRequestText(request: Request, options: BodyOptions): Promise<string> {
  const { limits, runtime, allowance } = options
  const packed = encoding(request.headers).endsWith('gzip')
  const limit = packed ? limits.bodyBytes : Math.min(limits.bodyBytes, limits.unpackedBytes)
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw tooLarge('body', limit)
  if (request.body === null) return ''
  allowance.expect(announced)
  const patience = { runtime, idle: limits.bodyIdle, whole: limits.bodyTime, late }
  const count = atMost(limit, () => tooLarge('body', limit))
  const body = await collect(request.body, { count, reserve: allowance.take, patience })
  return textOf(packed ? await unpacked(body, options) : body)
}

// Only once all of it is here: a decompressor takes more memory than a slow body should be given.
async function unpacked(body: Blocks, { limits, allowance }: BodyOptions): Promise<Blocks> {
  const limit = limits.unpackedBytes
  const count = atMost(limit, () => tooLarge('unpacked body', limit))
  return collect(gunzipped(body), { count, reserve: allowance.take }).catch((error: unknown) => {
    throw error instanceof RejoinError
      ? error
      : refused('invalid_frame', 'the body is not the gzip it claims to be, or is cut short', error)
  })
}

function textOf(body: Blocks): string {
  try {
    return decoder.decode(body.joined())
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

function refused(code: 'invalid_frame' | 'timeout', message: string, cause?: unknown): RejoinError {
  return new RejoinError(code, message, { operation: 'serve', component: 'transport/http', cause })
}

// A byte order mark stays in the text, where it is refused as what it is: not a frame.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

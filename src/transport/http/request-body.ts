import type { z } from 'zod'
import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { parsed } from '../remote/parsed.ts'
import type { Blocks } from './blocks.ts'
import type { Allowance } from './budget.ts'
import { atMost, type ByteSource, collect } from './bytes.ts'
import { gunzipped, looksGzipped } from './gzip.ts'
import type { TransferLimits } from './limits.ts'
import { jsonType, mediaType } from './media.ts'
import { Refusal } from './problem.ts'
import type { Call } from './route.ts'

export interface BodyContext {
  readonly limits: TransferLimits
  readonly runtime: Pick<Runtime, 'timer'>
}

/**
 * The text of a call's body, which must be of this media type. Every limit is held before the memory is
 * spent: what is announced is checked first, the rest while it streams in. Throws `too_large`, `timeout`,
 * `invalid_frame`, a refusal with 415, and `unavailable` when other bodies hold too much.
 */
export async function readTextBody(
  call: Call,
  context: BodyContext,
  type: string,
): Promise<string> {
  const { headers } = call.request
  const coding = headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  if (!codings.includes(coding)) throw unsupported('this content encoding (only gzip is)')
  // Named exactly: a web page from elsewhere can't send our types without asking first.
  if (mediaType(headers) !== type) throw unsupported(`a content type other than ${type}`)
  return readText(call, context, coding.endsWith('gzip'))
}

/** A call as far as its body goes. */
export interface BodyCall {
  readonly request: { readonly headers: Pick<Headers, 'get'>; readonly body: ByteSource | null }
  readonly allowance: Allowance
}

/** How a protocol says what is wrong with a body. */
export interface BodyWords {
  /** It announces more than `limit` bytes. */
  announced(limit: number): Error
  /** More than `limit` bytes have come. */
  travelled(limit: number): Error
  /** It unpacks to more than `limit` bytes. */
  unpacked(limit: number): Error
  /** It is not the gzip it claims to be; `begun`: only not all of it. */
  notGzip(cause: unknown, begun: boolean): Error
}

/** The text of a call's body, of whatever type; throws as `readTextBody` does. */
export async function readText(
  { request, allowance }: BodyCall,
  { limits, runtime }: BodyContext,
  packed: boolean,
  words: BodyWords = ownWords,
): Promise<string> {
  const limit = packed ? limits.bodyBytes : Math.min(limits.bodyBytes, limits.unpackedBytes)
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw words.announced(limit)
  if (request.body === null) return ''
  allowance.expect(announced)
  // Mostly it is small and comes with its head: nothing to collect, and nobody to be patient with.
  const whole = packed ? undefined : await request.body.whole?.()
  if (whole !== undefined) {
    allowance.take(whole.byteLength)
    return decoded(whole)
  }
  const body = await collect(request.body, {
    count: atMost(limit, () => words.travelled(limit)),
    reserve: allowance.take,
    patience: { runtime, idle: limits.bodyIdle, whole: limits.bodyTime, late },
  })
  const text = packed ? await unpacked(body, limits.unpackedBytes, allowance.take, words) : body
  return decoded(text.joined())
}

/** A call's JSON body; throws as `readTextBody` does, and `invalid_frame` for what `schema` refuses. */
export async function readJsonBody<T extends z.ZodType>(
  call: Call,
  context: BodyContext,
  schema: T,
): Promise<z.output<T>> {
  const text = await readTextBody(call, context, jsonType)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw broken('not JSON', cause)
  }
  return parsed(schema, value, broken)
}

/** The error for a body that is not in the form it claims to be. */
export function broken(problem: string, cause?: unknown): RejoinError {
  return refused('invalid_frame', `the body: ${problem}`, cause)
}

// Only once all of it is here: a decompressor takes more memory than a slow body should be given.
async function unpacked(
  body: Blocks,
  limit: number,
  reserve: (bytes: number) => void,
  words: BodyWords,
): Promise<Blocks> {
  const over = words.unpacked(limit)
  const count = atMost(limit, () => over)
  return collect(gunzipped(body), { count, reserve }).catch((error: unknown) => {
    if (error === over || error instanceof RejoinError) throw error
    throw words.notGzip(error, looksGzipped(body.joined()))
  })
}

const ownWords: BodyWords = {
  announced: (limit) => tooLarge('body', limit),
  travelled: (limit) => tooLarge('body', limit),
  unpacked: (limit) => tooLarge('unpacked body', limit),
  notGzip: (cause) => broken('not the gzip it claims to be, or cut short', cause),
}

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw broken('not UTF-8', cause)
  }
}

function unsupported(what: string): Refusal {
  return new Refusal(415, { code: 'invalid_argument', message: `${what} is not supported here` })
}

function tooLarge(what: string, limit: number): RejoinError {
  return refused('too_large', `the ${what} is larger than ${limit} bytes`, undefined, { limit })
}

function late(): RejoinError {
  return refused('timeout', 'the body came too slowly')
}

function refused(
  code: 'invalid_frame' | 'timeout' | 'too_large',
  message: string,
  cause?: unknown,
  details = {},
): RejoinError {
  const operation = 'serve'
  const component = 'transport/http'
  return new RejoinError(code, message, { operation, component, cause, details })
}

const codings: readonly string[] = ['', 'identity', 'gzip', 'x-gzip']

// A byte order mark stays in the text, where it is refused as what it is: not a frame.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

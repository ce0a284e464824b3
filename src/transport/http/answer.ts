import { gzipped } from './gzip.ts'
import { framesType, jsonType } from './media.ts'
import { type PlainAnswer, type PlainRequest, responseOf } from './plain.ts'

/** A response before it is known how it travels. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}

export function json(status: number, body: object, headers: Record<string, string> = {}): Answer {
  const text = JSON.stringify(body)
  return { status, headers: { 'content-type': jsonType, ...headers }, body: encoder.encode(text) }
}

export function frames(body: Uint8Array<ArrayBuffer>): Answer {
  return { status: 200, headers: { 'content-type': framesType }, body }
}

export interface Compression {
  readonly compress: boolean
  /** Bodies with fewer bytes travel as they are. */
  readonly threshold: number
  /** Whether a client with this Accept-Encoding gets gzip. */
  acceptsGzip(header: string | null): boolean
}

/** The response to `request`, as `travelling` has it. */
export async function responseTo(
  request: Asking,
  answer: Answer,
  how: Compression,
): Promise<Response> {
  return responseOf(await travelling(request, answer, how))
}

/**
 * The answer to `request` as it travels: compressed when that is wanted and worth it, without its body for HEAD.
 * It is compressed before it is sent: while a slow reader takes its time, only the smaller form is held.
 */
export function travelling(
  request: Asking,
  answer: Answer,
  how: Compression,
): PlainAnswer | Promise<PlainAnswer> {
  const { status, body } = answer
  const headers = { ...commonHeaders, ...answer.headers }
  // Certainly too short to be compressed, however its characters are encoded.
  const isShort = typeof body === 'string' && body.length * mostUtf8 < how.threshold
  if (isShort && request.method !== 'HEAD') return { status, headers, body }
  return measured(request, { status, headers, body }, how)
}

async function measured(
  request: Asking,
  { status, headers: given, body }: Answer,
  how: Compression,
): Promise<PlainAnswer> {
  const headers: Record<string, string> = { ...given }
  const whole = typeof body === 'string' ? encoder.encode(body) : body
  const worthIt = how.compress && whole.byteLength >= how.threshold
  if (worthIt) headers.vary = given.vary ? `${given.vary}, accept-encoding` : 'accept-encoding'
  const packs = worthIt && how.acceptsGzip(request.headers.get('accept-encoding'))
  if (packs) headers['content-encoding'] = 'gzip'
  const bytes = packs ? await gzipped(whole) : whole
  headers['content-length'] = String(bytes.byteLength)
  return { status, headers, body: request.method === 'HEAD' ? null : bytes }
}

type Asking = Pick<PlainRequest, 'method' | 'headers'>

const commonHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
/** Most bytes of a character, as `length` counts them. */
const mostUtf8 = 3
const encoder = new TextEncoder()

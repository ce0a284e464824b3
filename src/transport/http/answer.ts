import { gzipped } from './gzip.ts'
import { framesType, jsonType } from './media.ts'

/** A response before it is known how it travels. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
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

/**
 * The response to `request`: compressed when that is wanted and worth it, without its body for HEAD. It is
 * compressed before it is sent: while a slow reader takes its time, only the smaller form is held.
 */
export async function responseTo(
  request: Request,
  answer: Answer,
  how: Compression,
): Promise<Response> {
  const { status, body } = answer
  const headers = new Headers({ ...commonHeaders, ...answer.headers })
  const worthIt = how.compress && body.byteLength >= how.threshold
  if (worthIt) headers.set('vary', 'accept-encoding')
  const packs = worthIt && how.acceptsGzip(request.headers.get('accept-encoding'))
  if (packs) headers.set('content-encoding', 'gzip')
  const bytes = packs ? await gzipped(body) : body
  headers.set('content-length', String(bytes.byteLength))
  return new Response(request.method === 'HEAD' ? null : bytes, { status, headers })
}

const commonHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const encoder = new TextEncoder()

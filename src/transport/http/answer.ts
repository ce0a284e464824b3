import { acceptsGzip, gzipped } from './gzip.ts'
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
}

/** The response to `request`: compressed when that is wanted and worth it, without its body for HEAD. */
export function responseTo(request: Request, answer: Answer, how: Compression): Response {
  const { status, body } = answer
  const headers = new Headers({ ...commonHeaders, ...answer.headers })
  const worthIt = how.compress && body.byteLength >= how.threshold
  if (worthIt) headers.set('vary', 'accept-encoding')
  const packs = worthIt && acceptsGzip(request.headers.get('accept-encoding'))
  if (packs) headers.set('content-encoding', 'gzip')
  else headers.set('content-length', String(body.byteLength))
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  return new Response(packs ? gzipped(body) : body, { status, headers })
}

const commonHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const encoder = new TextEncoder()

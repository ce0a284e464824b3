import type { PlainAnswer, PlainRequest } from '../../transport/http/plain.ts'
import { freshnessHeaders } from './served-cluster.ts'

/** Which web pages from elsewhere may use a state server. */
export interface CorsOptions {
  /** Origins such as `https://app.example.org`, or `*` for all. Default none: only pages of the same host. */
  readonly origins?: '*' | readonly string[]
  /** Headers that they may send. Default `content-type` and `authorization`. */
  readonly headers?: readonly string[]
  /** Seconds for which a browser remembers the permission. Default 600. */
  readonly maxAge?: number
}

/** Whether a browser's question before a request was asked. */
export function isPreflight({ method, headers }: PlainRequest): boolean {
  return (
    method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method')
  )
}

export function preflightAnswer(request: PlainRequest, options: CorsOptions): PlainAnswer {
  const { headers = ['content-type', 'authorization'], maxAge = 600 } = options
  const allowed = allowedOrigin(request, options) ?? {}
  const permission: Record<string, string> = allowed['access-control-allow-origin']
    ? {
        'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
        'access-control-allow-headers': headers.join(', '),
        'access-control-max-age': String(maxAge),
      }
    : {}
  return { status: 204, headers: { ...allowed, ...permission }, body: null }
}

export type CorsHeaders = Readonly<Record<string, string>>

/** What an answer to this request carries; `undefined` for nothing. */
export function corsHeaders(request: PlainRequest, options: CorsOptions): CorsHeaders | undefined {
  const allowed = allowedOrigin(request, options)
  return allowed?.['access-control-allow-origin'] ? { ...allowed, ...exposed } : allowed
}

/** Whether the page that opens a WebSocket may: browsers ask nobody, and send the host's cookies along. */
export function maySubscribe({ headers }: Request, { origins = [] }: CorsOptions): boolean {
  const origin = headers.get('origin')
  if (origin === null || origins === '*' || origins.includes(origin)) return true
  return URL.parse(origin)?.host === headers.get('host')?.toLowerCase()
}

function allowedOrigin(
  request: PlainRequest,
  { origins = none }: CorsOptions,
): CorsHeaders | undefined {
  if (origins === '*') return { 'access-control-allow-origin': '*' }
  if (origins.length === 0) return undefined
  const origin = request.headers.get('origin')
  const vary = { vary: 'origin' }
  if (origin === null || !origins.includes(origin)) return vary
  return { ...vary, 'access-control-allow-origin': origin }
}

/** A page may read no others of ours: browsers let through only a few by themselves. */
const exposed = {
  'access-control-expose-headers': [...freshnessHeaders, 'retry-after'].join(', '),
}

const none: readonly string[] = []

import { RejoinError } from '../errors/index.ts'
import { wantsPage } from '../transport/http/media.ts'
import { type PlainHandler, type PlainRequest, plainOf } from '../transport/http/plain.ts'
import type { Door } from './door.ts'
import { errorResponse } from './error-response.ts'
import type { Mount } from './node-listener.ts'
import { besideState } from './own-names.ts'

export interface FrontOptions {
  readonly door: Door
  /** By path; the longest that fits is asked. */
  readonly mounts: Readonly<Record<string, Mount>>
  /** Asked for what is mounted nowhere. */
  readonly rest?: Mount | undefined
  /** What `rest` answers to whoever shows no token. */
  readonly isPublic?: ((request: PlainRequest) => boolean) | undefined
  readonly about: { readonly name: string; readonly version: string }
}

/** Every request passes here: the door, then `/`, `/health` or what is mounted at its path. */
export function front({ door, mounts, rest, isPublic, about }: FrontOptions): PlainHandler {
  const paths = Object.keys(mounts).sort((one, other) => other.length - one.length)
  for (const path of paths) checkPath(path)
  const links = { health: '/health', logs: paths.toReversed() }
  const atRest = rest && plainOf(rest)
  const mounted = ([path, mount]: [string, Mount]) =>
    [path, atRest ? besideState(path, plainOf(mount)) : plainOf(mount)] as const
  const handlers = new Map(Object.entries(mounts).map(mounted))
  return (request) => {
    const { pathname } = request
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    // For whoever watches over the server: it says nothing but that it runs.
    if (pathname === '/health' && isRead) return json(request, { status: 'ok' })
    const path = paths.find((each) => pathname === each || pathname.startsWith(`${each}/`))
    // Browsers ask before a request, and show no token then.
    if (atRest !== undefined && path === undefined && isPreflight(request)) return atRest(request)
    const refusal = door(request.headers)
    // A browser that opens a page can show no token: the page asks for it.
    if (refusal?.status === 401 && path === undefined && isPublic?.(request))
      return atRest?.(request) ?? notFound()
    if (refusal !== undefined)
      return errorResponse(refusal.status, refusal.code, refusal.message, refusal.headers)
    if (pathname === '/' && isRead && !(rest && isForRest(request)))
      return json(request, { ...about, links })
    const handler = path === undefined ? atRest : handlers.get(path)
    return handler?.(request) ?? notFound()
  }
}

/** What the server says of state: by name, or as a page. */
function isForRest({ url, headers }: PlainRequest): boolean {
  return url.searchParams.has('api') || wantsPage(headers)
}

function notFound(): Response {
  return errorResponse(404, 'not_found', 'no such path')
}

function isPreflight({ method, headers }: PlainRequest): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method')
}

/** Throws `invalid_argument` for what is no path to mount at. */
export function checkPath(path: string): void {
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) return
  throw new RejoinError('invalid_argument', `"${path}" is not a path to mount at`, {
    operation: 'serve',
    component: 'server',
    details: { path },
  })
}

function json(request: PlainRequest, body: object): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  return new Response(request.method === 'HEAD' ? null : JSON.stringify(body), { headers })
}

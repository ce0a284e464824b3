import { type Filter, filterFrom } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { PageRequest } from '../log/page-request.ts'

/** A request on its way to another thread. */
export interface PackedRequest {
  readonly request: PageRequest
  /** The text of its filter. */
  readonly filter?: string
}

/** `undefined` for a request that holds a function: only its own thread can call it. */
export function packRequest(request: PageRequest): PackedRequest | undefined {
  const filter = filterIn(request)
  if (filter === undefined) return canCross(request) ? { request } : undefined
  // A filter that is all data says of itself what the other end holds to; nonsense is refused here.
  if (filter === null || filter.there !== filter) return undefined
  const plain = withFilter(request, undefined)
  return canCross(plain) ? { request: plain, filter: filter.text } : undefined
}

export function unpackRequest({ request, filter }: PackedRequest): PageRequest {
  if (filter === undefined) return request
  const where = { operation: request.kind, component: 'store/sqlite' }
  return withFilter(request, filterFrom(filter, systemRuntime, where))
}

/** Whatever the caller gave: nothing has been checked. */
function filterIn(request: PageRequest): Filter | null | undefined {
  if (request.kind === 'fetch') return request.filter
  return request.kind === 'changes' ? request.want?.filter : undefined
}

function withFilter(request: PageRequest, filter: Filter | undefined): PageRequest {
  if (request.kind === 'entries') return request
  const { filter: _, ...rest } = request.kind === 'fetch' ? request : request.want
  const filtered = filter === undefined ? rest : { ...rest, filter }
  const changed = request.kind === 'fetch' ? filtered : { ...request, want: filtered }
  return changed as PageRequest
}

function canCross(part: unknown, depth = 0): boolean {
  if (typeof part !== 'object' || part === null)
    return typeof part !== 'function' && typeof part !== 'symbol'
  return depth < deepest && Object.values(part).every((inner) => canCross(inner, depth + 1))
}

/** Requests are flat; what nests deeper makes no sense, and is refused where it came from. */
const deepest = 8

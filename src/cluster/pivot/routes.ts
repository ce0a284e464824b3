import { silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { jsonAnswer, refusalAnswer } from '../../state/server/answers.ts'
import { refusalOf, StateRefusal } from '../../state/server/refusal.ts'
import { type Answer, responseTo } from '../../transport/http/answer.ts'
import { Budget } from '../../transport/http/budget.ts'
import { acceptsGzip } from '../../transport/http/gzip.ts'
import { httpLimits } from '../../transport/http/limits.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import { nodeStatusBody, pivotProtocol } from './node-status.ts'
import {
  activity,
  type Call,
  type RouteContext,
  read,
  remove,
  trigger,
  write,
} from './route-calls.ts'
import { noCounts, type PivotRoutes, type PivotRoutesOptions } from './route-options.ts'
import { sharedBy } from './shared-keys.ts'

/*
 * The routes of protocol 2.0, below `/_pivot/`:
 *
 *   GET    version                       -> {"protocol":"2.0","package":"rejoin",…}
 *   GET    activity/{base}               -> {"lastEntry":N}
 *   GET    pivot/{key}                   -> a list, oldest first, or an object
 *   POST   pivot/{path}                  an object with its times -> 200
 *   DELETE pivot/{path}/{time}           -> 200, also for what is ignored
 *   GET    synchronize/pivot[?key=K]     pull; the readme calls it `pivot`
 *   GET    synchronize/node              sync both ways
 *   GET    health/nodes                  -> [{"address","healthy","lastCheck","protocol","compatible"}]
 *
 * An answer other than 200 is a line of plain text.
 */

/** Serves storages to servers of the original, in both of their roles. */
export function pivotRoutes(options: PivotRoutesOptions): PivotRoutes {
  const { runtime = systemRuntime, logger = silentLogger } = options
  const limits = httpLimits(options.limits)
  const { counts = noCounts() } = options
  const shared = sharedBy(options.keys)
  const context: RouteContext = { ...options, runtime, logger, limits, counts, shared }
  const budget = new Budget(limits.bufferedBytes)

  const handle = async (request: Request): Promise<Response> => {
    const { signal } = request
    try {
      const answer = budget.during((allowance) => route(context, { request, allowance, signal }))
      return await responseTo(request, await untilAborted(signal, answer), compression)
    } catch (error) {
      signal.throwIfAborted()
      const refusal = refusalOf(error)
      counts.refused++
      const path = new URL(request.url).pathname.slice(0, 200)
      if (refusal.status >= 500) logger.error('a request of a peer failed', { path, error })
      return responseTo(request, refusalAnswer(refusal), compression)
    }
  }
  return { handle, counts }
}

async function route(context: RouteContext, call: Call): Promise<Answer> {
  const { pathname, searchParams } = new URL(call.request.url)
  const path = decoded(pathname.slice(prefix.length))
  const { method } = call.request
  const only = (allowed: string) => {
    if (!allowed.split(', ').includes(method)) throw wrongMethod(allowed)
  }
  if (path.startsWith('pivot/')) {
    only('GET, HEAD, POST, DELETE')
    const rest = path.slice('pivot/'.length)
    if (method === 'POST') return write(context, call, rest)
    if (method === 'DELETE') return remove(context, call, rest)
    return read(context, call, rest)
  }
  only('GET, HEAD')
  if (path.startsWith('activity/')) return activity(context, call, path.slice('activity/'.length))
  switch (path) {
    case 'version':
      return ok({
        protocol: pivotProtocol,
        package: 'rejoin',
        ...(await context.about?.(call.signal)),
      })
    case 'pivot':
    case 'synchronize/pivot':
      return trigger(context, call, { kind: 'pull', key: searchParams.get('key') || undefined })
    case 'synchronize/node':
      return trigger(context, call, { kind: 'sync' })
    case 'health/nodes':
      return ok((context.nodes?.() ?? []).map(nodeStatusBody))
  }
  throw new StateRefusal(404, 'no such route')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new StateRefusal(400, 'the path is not percent-encoded UTF-8')
  }
}

function wrongMethod(allow: string): StateRefusal {
  return new StateRefusal(405, `method not allowed: ${allow} are`, { allow })
}

function ok(body: object): Answer {
  return jsonAnswer(JSON.stringify(body))
}

const prefix = '/_pivot/'
const compression = { compress: true, threshold: 1_024, acceptsGzip }

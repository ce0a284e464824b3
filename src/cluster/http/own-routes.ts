import { z } from 'zod'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Answer, json, responseTo } from '../../transport/http/answer.ts'
import { Budget } from '../../transport/http/budget.ts'
import { acceptsGzip } from '../../transport/http/gzip.ts'
import { defaultStateTransfer, transferLimits } from '../../transport/http/limits.ts'
import { problem, problemOf, verdictOf } from '../../transport/http/problem.ts'
import { readJsonBody } from '../../transport/http/request-body.ts'
import type { Call, Methods } from '../../transport/http/route.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { Cluster } from '../cluster.ts'
import { addressTaken, nameOf } from '../status/own-address.ts'
import { answerComparison } from './comparing.ts'
import { statusBody } from './status-wire.ts'

/*
 * What our own kind asks, and who looks after a cluster; errors as in the native protocol.
 *
 *   GET  /_rejoin/cluster                           -> the status of this server, and its time; addressTakenBy: another
 *                                                      server that answers at its address
 *   POST /_rejoin/cluster/promote  {"keys"?:[K]}    -> {"keys":[{"path","previous"?}], "unreached"?}: it leads these keys
 *                                                      now; unreached: why it can't call its own address
 *   POST /_rejoin/state/<name>/compare  {"key":K,"stretches":[…]}  ->  {"stretches":[…]}
 */

const promoteSchema = z.strictObject({ keys: z.array(z.string()).max(10_000).exactOptional() })

/** Answers one of these; `undefined` for a path that is none of them. */
export function ownRoutes(
  cluster: Cluster,
  { logger, runtime }: { readonly logger: Logger; readonly runtime: Runtime },
): (request: Request) => Promise<Response> | undefined {
  const limits = transferLimits({}, defaultStateTransfer)
  const budget = new Budget(limits.bufferedBytes)
  const context = { limits, runtime }
  const routes: Readonly<Record<string, Methods>> = {
    cluster: {
      GET: async ({ request: { signal } }) => {
        const looking = cluster.atOwnAddress(signal)
        const [status, there] = await Promise.all([cluster.status({ signal }), looking])
        const taken = there?.kind === 'another' && { addressTakenBy: nameOf(there) }
        return json(200, { ...statusBody(status), ...taken, time: runtime.now() })
      },
    },
    'cluster/promote': {
      async POST(call) {
        const { keys } = await readJsonBody(call, context, promoteSchema)
        const { signal } = call.request
        const there = await cluster.atOwnAddress(signal)
        if (there?.kind === 'another') throw addressTaken(there)
        const promoted = await cluster.promote(keys, { signal })
        const unreached = there?.kind === 'nobody' && { unreached: there.error.message }
        return json(200, { ...promoted, ...unreached })
      },
    },
  }
  const comparing = (storage: string): Methods => ({
    POST: (call) =>
      answerComparison(call, context, (key, stretches, signal) =>
        cluster.compare({ storage, key, stretches }, signal),
      ),
  })
  const methodsAt = (path: string): Methods | undefined => {
    const storage = /^state\/([^/]+)\/compare$/.exec(path)?.[1]
    if (storage !== undefined) return comparing(storage)
    return Object.hasOwn(routes, path) ? routes[path] : undefined
  }

  const answered = async (methods: Methods, call: Omit<Call, 'allowance'>) => {
    const { request, url } = call
    try {
      const route = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
      const work = route && budget.during((allowance) => route({ ...call, allowance }))
      const answer = work ? await untilAborted(request.signal, work) : wrongMethod(methods)
      return answer instanceof Response ? answer : await responseTo(request, answer, compression)
    } catch (error) {
      request.signal.throwIfAborted()
      const verdict = verdictOf(error)
      const path = url.pathname
      if (verdict.status === 500) logger.error('a request to the cluster failed', { path, error })
      return responseTo(request, problemOf(verdict), compression)
    }
  }
  return (request) => {
    const url = new URL(request.url)
    const methods = methodsAt(url.pathname.slice('/_rejoin/'.length))
    return methods && answered(methods, { request, url })
  }
}

/** Says that there is nothing at a path. */
export function nothingThere(request: Request): Promise<Response> {
  const message = 'no state is shared at this path'
  return responseTo(request, problem(404, { code: 'not_found', message }), compression)
}

function wrongMethod(methods: Methods): Answer {
  const allow = Object.keys(methods).join(', ')
  const message = `this path takes ${allow}`
  return problem(405, { code: 'invalid_argument', message }, { allow })
}

const compression = { compress: true, threshold: 1_024, acceptsGzip }

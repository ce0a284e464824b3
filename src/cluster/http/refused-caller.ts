import { responseTo } from '../../transport/http/answer.ts'
import { acceptsGzip } from '../../transport/http/gzip.ts'
import { problemOf, verdictOf } from '../../transport/http/problem.ts'
import { clusterHeader } from '../../transport/remote/cluster-header.ts'
import type { Cluster } from '../cluster.ts'

/** The answer to a request of another cluster's server, and of nobody else; it changes nothing. */
export function refusedCaller(
  cluster: Pick<Cluster, 'admit'>,
  request: Request,
): Promise<Response> | undefined {
  try {
    cluster.admit(request.headers.get(clusterHeader) ?? undefined)
    return undefined
  } catch (error) {
    return responseTo(request, problemOf(verdictOf(error)), compression)
  }
}

const compression = { compress: true, threshold: 1_024, acceptsGzip }

import type { Answer } from './answer.ts'
import { acceptsGzip } from './gzip.ts'
import { problemOf, type Verdict } from './problem.ts'
import type { Methods, Routes } from './route.ts'

/** One protocol that a log is served over: its paths, and the manners they share. */
export interface Profile {
  readonly routes: Routes
  /** What went wrong, in this protocol's form. */
  failure(verdict: Verdict): Answer
  /** The methods of a path, as the answer to any other names them; absent: it names none. */
  readonly allowed?: (methods: Methods) => string
  /** HEAD is answered as GET, without the body. */
  readonly answersHead: boolean
  /** Whether a client with this Accept-Encoding gets gzip. */
  acceptsGzip(header: string | null): boolean
}

/** The manners of the native protocol. */
export function nativeProfile(routes: Routes): Profile {
  return {
    routes,
    failure: problemOf,
    allowed: (methods) =>
      Object.keys(methods)
        .map((method) => (method === 'GET' ? 'GET, HEAD' : method))
        .join(', '),
    answersHead: true,
    acceptsGzip,
  }
}

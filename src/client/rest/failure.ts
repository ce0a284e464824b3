import { type ErrorCode, RejoinError } from '../../errors/index.ts'
import { retryAfter } from '../../transport/http/retry-after.ts'
import { whyUnreached } from '../../transport/http/why-unreached.ts'
import { type Asked, component } from '../where.ts'

/** The error for an answer that says no. What the server says is plain text. */
export function refusalOf(
  { status, headers }: Response,
  said: string,
  { operation, url, now }: Asked & { readonly now: number },
): RejoinError {
  const wait = retryAfter(headers.get('retry-after'), now)
  const [code, words] = meaningOf(status)
  const message = said.trim().slice(0, 500)
  const details = { url, status, ...(wait !== undefined && { retryAfter: wait }) }
  return new RejoinError(code, `${words} (${url}: ${status}${message && `, ${message}`})`, {
    operation,
    component,
    details,
  })
}

/** The error for an answer that never came, or broke off. */
export function noAnswer({ operation, url }: Asked, cause: unknown): RejoinError {
  if (cause instanceof RejoinError) return cause
  const message = `can't reach ${url}: ${whyUnreached(cause)}`
  return new RejoinError('network', message, { operation, component, cause, details: { url } })
}

/** The error for what no state server says. */
export function notState({ operation, url }: Asked, problem: string, cause?: unknown): RejoinError {
  const message = `${url} does not answer as a state server does: ${problem}`
  return new RejoinError('protocol', message, { operation, component, cause, details: { url } })
}

function meaningOf(status: number): readonly [ErrorCode, string] {
  const known = meanings[status]
  if (known !== undefined) return known
  if (status >= 500) return ['unavailable', 'the server failed']
  // 0: a browser, which doesn't say where to.
  return status < 400
    ? ['protocol', 'the server has moved']
    : ['protocol', 'the server does not understand the request']
}

const meanings: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['invalid_argument', 'the server refuses this'],
  401: ['unauthorized', 'the server wants other credentials'],
  403: ['forbidden', 'the server refuses access'],
  404: ['not_found', 'no state is served there'],
  408: ['timeout', 'the server got the request too slowly'],
  413: ['too_large', 'the server takes no data of this size'],
  429: ['unavailable', 'the server asks for patience'],
  503: ['unavailable', 'the server asks for patience'],
  504: ['timeout', 'the server was not reached in time'],
}

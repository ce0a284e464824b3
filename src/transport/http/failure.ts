import { z } from 'zod'
import { type ErrorCode, RejoinError, type RejoinErrorInit } from '../../errors/index.ts'
import { mediaType } from './media.ts'
import { retryAfter } from './retry-after.ts'
import { whyUnreached } from './why-unreached.ts'

/** The error for an answer other than 200. */
export function failureOf(
  response: Response,
  body: Uint8Array,
  call: { readonly operation: string; readonly base: string; readonly now: number },
): RejoinError {
  const { status } = response
  const { operation, base } = call
  const said = remoteMessage(response, body)
  const wait = retryAfter(response.headers.get('retry-after'), call.now)
  const location = response.headers.get('location')
  const details = {
    url: base,
    status,
    ...(said?.code && { remoteCode: said.code }),
    ...(wait !== undefined && { retryAfter: wait }),
  }
  const { code, words } = meaning(status, location)
  const message = `${words} (${base}: ${status}${said ? `, ${said.message}` : ''})`
  return new RejoinError(code, message, { operation, component, details })
}

/** The error for a call that got no answer, or half of one. */
export function noAnswer(operation: string, base: string, cause: unknown): RejoinError {
  if (cause instanceof RejoinError) return cause
  const message = `can't reach ${base}: ${whyUnreached(cause)}`
  return new RejoinError('network', message, {
    operation,
    component,
    cause,
    details: { url: base },
  })
}

/** The error for an answer that is not in our protocol. */
export function notOurs(
  operation: string,
  base: string,
  problem: string,
  init: Pick<RejoinErrorInit, 'cause'> = {},
): RejoinError {
  const message = `${base} does not answer in Rejoin's protocol: ${problem}`
  const details = { url: base }
  return new RejoinError('protocol', message, { operation, component, details, ...init })
}

function meaning(status: number, location: string | null): { code: ErrorCode; words: string } {
  // 0: a browser, which doesn't say where to.
  if (status === 0 || (status >= 300 && status < 400))
    return { code: 'protocol', words: `the remote has moved to ${location ?? 'another address'}` }
  const known = meanings[status]
  if (known !== undefined) return { code: known[0], words: known[1] }
  return status >= 500
    ? { code: 'unavailable', words: 'the remote failed' }
    : { code: 'protocol', words: 'the remote does not understand the request' }
}

const meanings: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  401: ['unauthorized', 'the remote wants other credentials'],
  403: ['forbidden', 'the remote refuses access'],
  404: ['not_found', 'no Rejoin server there'],
  408: ['timeout', 'the remote got the request too slowly'],
  413: ['too_large', 'the remote takes no request of this size'],
  429: ['unavailable', 'the remote asks for patience'],
  503: ['unavailable', 'the remote asks for patience'],
  504: ['timeout', 'the remote was not reached in time'],
}

function remoteMessage(
  { headers }: Response,
  body: Uint8Array,
): { code?: string; message: string } | undefined {
  const text = new TextDecoder().decode(body.subarray(0, mostSaid))
  try {
    const { error } = errorSchema.parse(JSON.parse(text))
    if (typeof error === 'string') return { message: error.slice(0, 500) }
    return { code: error.code.slice(0, 100), message: error.message.slice(0, 500) }
  } catch {
    return mediaType(headers) === 'text/plain' ? { message: text.trim().slice(0, 500) } : undefined
  }
}

const component = 'transport/http'
const mostSaid = 100_000

/** As later servers of go-sync-kit say it too; v0.16 has a text. */
const errorSchema = z.object({
  error: z.union([z.string(), z.object({ code: z.string(), message: z.string() })]),
})

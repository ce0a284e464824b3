import type { z } from 'zod'
import { type ErrorCode, type ErrorDetails, RejoinError } from '../../errors/index.ts'
import { closeCodes, type errorSchema, isErrorCode } from './wire.ts'

/** Which call failed, and whom it asked. */
export interface Asked {
  readonly operation: string
  readonly url: string
}

/** The error for a call that was answered with one. */
export function answeredWith(said: z.output<typeof errorSchema>, asked: Asked): RejoinError {
  const { code: remoteCode, message, retryable, retryAfter } = said
  const { code, words } = meaningOf(remoteCode, retryable)
  const details = { remoteCode, ...(retryAfter !== undefined && { retryAfter }) }
  return failure(code, `${words} (${asked.url}: ${message.slice(0, 500)})`, asked, { details })
}

/** The error for calls whose connection has ended. */
export function connectionEnded(
  { code, reason }: { readonly code: number; readonly reason: string },
  asked: Asked,
): RejoinError {
  const known = endings[code]
  const words = known?.words ?? 'the connection broke'
  const said = reason === '' ? '' : `, ${reason}`
  const details = { closeCode: code, ...(known?.retryAfter && { retryAfter: known.retryAfter }) }
  return failure(known?.code ?? 'network', `${words} (${asked.url}: ${code}${said})`, asked, {
    details,
  })
}

/** The error for a connection that was never made. */
export function unreachable(asked: Asked, reason: string, cause?: unknown): RejoinError {
  return failure('network', `can't reach ${asked.url}: ${reason}`, asked, { cause })
}

/** The error for what is not in our protocol. */
export function notOurs(asked: Asked, problem: string, cause?: unknown): RejoinError {
  const words = `${asked.url} does not answer in Rejoin's protocol: ${problem}`
  return failure('protocol', words, asked, { cause })
}

function failure(
  code: ErrorCode,
  message: string,
  { operation, url }: Asked,
  init: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): RejoinError {
  const details = { url, ...init.details }
  return new RejoinError(code, message, { operation, component, ...init, details })
}

function meaningOf(code: string, retryable: boolean): { code: ErrorCode; words: string } {
  if (retryable) return { code: 'unavailable', words: 'the remote asks for patience' }
  const words = isErrorCode(code) ? meanings[code] : undefined
  if (words !== undefined) return { code: code as ErrorCode, words }
  if (ownFaults.has(code)) return { code: 'unavailable', words: 'the remote failed' }
  return { code: 'protocol', words: 'the remote does not understand the request' }
}

const meanings: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'the remote wants other credentials',
  forbidden: 'the remote refuses access',
  not_found: 'the remote does not have it',
  too_large: 'the remote takes no request of this size',
}

/** What the server could not do, as HTTP says 500. */
const ownFaults: ReadonlySet<string> = new Set<ErrorCode>([
  'internal',
  'event_newer',
  'storage_foreign',
  'storage_newer',
  'storage_damaged',
  'protocol',
  'rejected',
])

interface Ending {
  readonly code: ErrorCode
  readonly words: string
  /** Milliseconds. */
  readonly retryAfter?: number
}

const endings: Readonly<Record<number, Ending>> = {
  [closeCodes.leaving]: {
    code: 'unavailable',
    words: 'the remote is shutting down',
    retryAfter: 1000,
  },
  [closeCodes.tooLarge]: { code: 'too_large', words: 'the remote takes no message of this size' },
  [closeCodes.failed]: { code: 'unavailable', words: 'the remote failed' },
  [closeCodes.busy]: {
    code: 'unavailable',
    words: 'the remote asks for patience',
    retryAfter: 5000,
  },
  [closeCodes.malformed]: {
    code: 'protocol',
    words: 'the remote does not understand what was sent',
  },
  [closeCodes.unauthorized]: { code: 'unauthorized', words: 'the remote wants other credentials' },
  [closeCodes.forbidden]: { code: 'forbidden', words: 'the remote refuses access' },
  [closeCodes.version]: { code: 'protocol', words: 'the remote speaks another version' },
}

const component = 'transport/websocket'

import { type ErrorCode, type ErrorKind, errorCodes } from './codes.ts'

/**
 * What each of our codes is called in go-sync-kit, and the HTTP status with which our server answers it.
 * go-sync-kit has four codes; where none of them says what happened its field stays empty. Whether a
 * fault of the server is a 500 or a 503 with Retry-After follows from the error's own `retryable`.
 */
export const goErrors = {
  invalid_argument: { code: 'VALIDATION_FAILURE', status: 400 },
  invalid_event: { code: 'VALIDATION_FAILURE', status: 400 },
  event_newer: { code: 'VALIDATION_FAILURE', status: 500 },
  invalid_frame: { code: 'VALIDATION_FAILURE', status: 400 },
  id_conflict: { code: 'CONFLICT_FAILURE', status: 409 },
  closed: { code: '', status: 503 },
  storage_foreign: { code: 'STORAGE_FAILURE', status: 500 },
  storage_newer: { code: 'STORAGE_FAILURE', status: 500 },
  storage_damaged: { code: 'STORAGE_FAILURE', status: 500 },
  storage_full: { code: 'STORAGE_FAILURE', status: 503 },
  storage_readonly: { code: 'STORAGE_FAILURE', status: 503 },
  storage_busy: { code: 'STORAGE_FAILURE', status: 503 },
  storage_io: { code: 'STORAGE_FAILURE', status: 503 },
  network: { code: 'NETWORK_FAILURE', status: 503 },
  timeout: { code: 'NETWORK_FAILURE', status: 408 },
  unauthorized: { code: 'NETWORK_FAILURE', status: 401 },
  forbidden: { code: 'NETWORK_FAILURE', status: 403 },
  not_found: { code: 'NETWORK_FAILURE', status: 404 },
  too_large: { code: 'VALIDATION_FAILURE', status: 413 },
  unavailable: { code: 'NETWORK_FAILURE', status: 503 },
  protocol: { code: 'NETWORK_FAILURE', status: 500 },
  rejected: { code: 'CONFLICT_FAILURE', status: 500 },
  unsettled: { code: 'CONFLICT_FAILURE', status: 503 },
  clock: { code: 'VALIDATION_FAILURE', status: 503 },
  internal: { code: '', status: 500 },
} as const satisfies Record<ErrorCode, { readonly code: GoErrorCode; readonly status: number }>

export type GoErrorCode =
  | 'NETWORK_FAILURE'
  | 'STORAGE_FAILURE'
  | 'CONFLICT_FAILURE'
  | 'VALIDATION_FAILURE'
  | ''

/** Ours in capitals. Its METHOD_NOT_ALLOWED stands for a call that our types don't let anyone write. */
export type GoErrorKind = Uppercase<ErrorKind>

/** An error as go-sync-kit tells it; `retryable` is ours, because its own gets lost in wrapping. */
export interface GoError {
  readonly code: GoErrorCode
  readonly kind: GoErrorKind
  readonly retryable: boolean
  readonly op: string
  readonly component: string
  readonly status: number
}

export function goErrorOf(error: ErrorLike): GoError {
  const { code, retryable, operation: op, component } = error
  const kind = errorCodes[code].kind.toUpperCase() as GoErrorKind
  return { code: goErrors[code].code, kind, retryable, op, component, status: statusOf(error) }
}

function statusOf({ code, retryable }: ErrorLike): number {
  const { status } = goErrors[code]
  if (status < 500) return status
  // A server that closes is soon open again, though not this one.
  return retryable || code === 'closed' ? 503 : 500
}

/** A `RejoinError`, or what its `toJSON` gave. */
export interface ErrorLike {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly operation: string
  readonly component: string
}

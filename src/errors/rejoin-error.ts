import type { ErrorCode, ErrorKind } from './codes.ts'
import { errorCodes } from './codes.ts'

/**
 * The one error type. `code` says what happened, `operation` and `component` where, `details` with
 * what; `cause` is always what was caught. `retryable` follows the code, unless the cause is a
 * `RejoinError`: its answer holds through every wrapping.
 */
export class RejoinError extends Error {
  override readonly name = 'RejoinError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly operation: string
  readonly component: string
  readonly retryable: boolean
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, init: RejoinErrorInit) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = code
    this.kind = errorCodes[code].kind
    this.operation = init.operation
    this.component = init.component
    this.retryable =
      init.retryable ??
      (init.cause instanceof RejoinError ? init.cause.retryable : errorCodes[code].retryable)
    this.details = init.details ?? {}
  }

  /** Wraps anything thrown; a `RejoinError` passes as it is, so that its code and words survive. */
  static from(
    cause: unknown,
    init: Omit<RejoinErrorInit, 'cause'> & { code?: ErrorCode },
  ): RejoinError {
    if (cause instanceof RejoinError) return cause
    const message = cause instanceof Error ? cause.message : String(cause)
    return new RejoinError(init.code ?? 'internal', message, { ...init, cause })
  }

  toJSON(): object {
    const { code, kind, operation, component, retryable, details, message } = this
    return { code, kind, operation, component, retryable, details, message }
  }
}

/** Plain values that help to find and mend the fault: sizes, limits, ids, paths. Never secrets. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>

export interface RejoinErrorInit {
  /** What was being done, a verb of the API: `append`, `pull`, `open`. */
  readonly operation: string
  /** The room it happened in: `store/sqlite`, `transport/http`. */
  readonly component: string
  readonly cause?: unknown
  readonly retryable?: boolean
  readonly details?: ErrorDetails
}

import { type ErrorCode, type ErrorDetails, errorCodes, RejoinError } from '../errors/index.ts'

/** What was thrown in another process or thread, by SQLite or as one of our own errors, as plain data. */
export interface Thrown {
  readonly message: string
  readonly code?: string
  readonly errcode?: number
  readonly operation?: string
  readonly component?: string
  readonly retryable?: boolean
  readonly details?: ErrorDetails
}

export function thrownBy(error: unknown): Thrown {
  if (error instanceof RejoinError) {
    const { message, code, operation, component, retryable, details } = error
    return { message, code, operation, component, retryable, details }
  }
  const { message, code, errcode } = error as Thrown
  return { message, ...(code && { code }), ...(errcode && { errcode }) }
}

/** The error again, as far as it can be told: one of SQLite's has its result code. */
export function revive({ message, code, errcode, ...init }: Thrown): Error {
  const { operation, component } = init
  if (operation === undefined || component === undefined || !isOurs(code))
    return Object.assign(new Error(message), { code, errcode })
  return new RejoinError(code, message, { ...init, operation, component })
}

function isOurs(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorCodes, code)
}

import { type ErrorCode, RejoinError } from '../errors/index.ts'

/** The command was called wrongly: exit code 2, and the line points to the help. */
export function misuse(message: string): RejoinError {
  return new RejoinError('invalid_argument', message, { operation: 'read', component: 'cli' })
}

export function isMisuse(error: unknown): boolean {
  return error instanceof RejoinError && error.component === 'cli' && error.operation === 'read'
}

/** The command was called rightly and could not do its work: exit code 1. */
export function failure(code: ErrorCode, message: string, cause?: unknown): RejoinError {
  return new RejoinError(code, message, { operation: 'run', component: 'cli', cause })
}

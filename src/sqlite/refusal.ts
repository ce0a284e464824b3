import { type ErrorCode, type ErrorDetails, RejoinError } from '../errors/index.ts'

/** Why a file is not opened, in words for whoever has to do something about it. */
export function refusal(
  code: ErrorCode,
  path: string,
  message: string,
  more: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): RejoinError {
  return new RejoinError(code, `${path}: ${message}`, {
    operation: 'open',
    component: 'sqlite',
    retryable: false,
    cause: more.cause,
    details: { path, ...more.details },
  })
}

export function foreign(path: string, found: string, what: string): RejoinError {
  return refusal(
    'storage_foreign',
    path,
    `this is ${found}, not ${what}; it was left untouched. Choose another path`,
  )
}

export function newer(path: string, what: string, version: number, known: number): RejoinError {
  return refusal(
    'storage_newer',
    path,
    `this is ${what} of schema version ${version}, and this Rejoin knows up to ${known}; ` +
      'it was left untouched. Install a newer Rejoin',
    { details: { version, known } },
  )
}

export function damaged(path: string, what: string, why: string, cause?: unknown): RejoinError {
  return refusal(
    'storage_damaged',
    path,
    `this is ${what}, but it is damaged (${why}); it was left untouched. ` +
      'Keep a copy, and restore a backup or sync into a new file',
    { cause },
  )
}

export function misnamed(path: string, what: string, found: string, wanted: string): RejoinError {
  return refusal(
    'invalid_argument',
    path,
    `this is ${what} whose table is called "${found}", not "${wanted}"; it was left untouched. ` +
      'Give that name, or none',
    { details: { found, wanted } },
  )
}

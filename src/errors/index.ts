export { type ErrorCode, type ErrorKind, errorCodes } from './codes.ts'
export {
  type ErrorLike,
  type GoError,
  type GoErrorCode,
  type GoErrorKind,
  goErrorOf,
  goErrors,
} from './go-errors.ts'
export { type ErrorDetails, RejoinError, type RejoinErrorInit } from './rejoin-error.ts'

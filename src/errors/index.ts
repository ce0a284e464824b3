export { type ErrorCode, type ErrorKind, errorCodes } from './codes.ts'
export { type ErrorDetails, RejoinError, type RejoinErrorInit } from './rejoin-error.ts'

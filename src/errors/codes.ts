/**
 * Every way Rejoin can fail, in one closed list: what kind of failure it is and whether trying again,
 * unchanged and later, can succeed. Expected outcomes (a duplicate, a stale append, a reset) are return
 * values, not errors.
 */
export const errorCodes = {
  /** An argument, option or file given by the caller is not acceptable. */
  invalid_argument: { kind: 'invalid', retryable: false },
  /** An event breaks a rule: limits, JSON, ids, parents. */
  invalid_event: { kind: 'invalid', retryable: false },
  /** Newer code has written an event that has to be understood here: upgrade. */
  event_newer: { kind: 'invalid', retryable: false },
  /** Bytes from elsewhere are not in the form they claim to be. */
  invalid_frame: { kind: 'invalid', retryable: false },
  /** The id is known with other content. */
  id_conflict: { kind: 'conflict', retryable: false },
  /** The operation needs what is already closed. */
  closed: { kind: 'unavailable', retryable: false },
  /** The file belongs to another program. */
  storage_foreign: { kind: 'invalid', retryable: false },
  /** The file was written by a newer version than this one. */
  storage_newer: { kind: 'invalid', retryable: false },
  /** The file is damaged. */
  storage_damaged: { kind: 'internal', retryable: false },
  /** No space is left for the write; nothing was written. */
  storage_full: { kind: 'unavailable', retryable: true },
  /** The file or its folder can't be written to. */
  storage_readonly: { kind: 'permission', retryable: true },
  /** Another process held the file longer than we wait. */
  storage_busy: { kind: 'unavailable', retryable: true },
  /** The disk or the operating system failed. */
  storage_io: { kind: 'unavailable', retryable: true },
  /** The remote can't be reached, or the connection broke. */
  network: { kind: 'unavailable', retryable: true },
  /** No answer within the time allowed. */
  timeout: { kind: 'timeout', retryable: true },
  /** The remote wants other credentials. */
  unauthorized: { kind: 'permission', retryable: false },
  /** The remote knows us and says no. */
  forbidden: { kind: 'permission', retryable: false },
  /** Nothing there speaks our protocol. */
  not_found: { kind: 'not_found', retryable: false },
  /** More than the limit allows; `details` name both. */
  too_large: { kind: 'too_large', retryable: false },
  /** The remote asks for patience. */
  unavailable: { kind: 'unavailable', retryable: true },
  /** The remote speaks another protocol or another major version of ours. */
  protocol: { kind: 'invalid', retryable: false },
  /** The remote refused events; they are parked. */
  rejected: { kind: 'conflict', retryable: false },
  /** The two sides kept finding each other changed; nothing was lost, and the next sync starts afresh. */
  unsettled: { kind: 'conflict', retryable: true },
  /** This device's clock can't be right. */
  clock: { kind: 'invalid', retryable: true },
  /** A bug in Rejoin or in what was plugged into it. */
  internal: { kind: 'internal', retryable: false },
} as const satisfies Record<string, { kind: ErrorKind; retryable: boolean }>

export type ErrorCode = keyof typeof errorCodes

export type ErrorKind =
  | 'invalid'
  | 'not_found'
  | 'permission'
  | 'conflict'
  | 'too_large'
  | 'timeout'
  | 'unavailable'
  | 'internal'

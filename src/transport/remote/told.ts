import { type ErrorCode, type ErrorDetails, goErrorOf, RejoinError } from '../../errors/index.ts'

/** What the other end is told of something that went wrong here. */
export interface Told {
  /** As HTTP has it; another transport tells by it whose fault it was. */
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly details?: ErrorDetails
  /** Milliseconds. */
  readonly retryAfter?: number
}

/**
 * The caller's own faults are told in their words; of ours the caller learns only whether waiting helps,
 * because messages about storage name files.
 */
export function told(error: unknown): Told {
  if (!(error instanceof RejoinError)) return { status: 500, code: 'internal', ...failed }
  const { code, message, details, retryable } = error
  const { status } = goErrorOf(error)
  if (status < 500) return { status, code, message, retryable, details }
  if (status === 500) return { status, code, ...failed }
  const words = waiting[code] ?? 'the server asks for patience'
  return {
    status,
    code,
    message: words,
    retryable: true,
    retryAfter: isShort.has(code) ? 1000 : 5000,
  }
}

const failed = { message: 'the server failed; its log says why', retryable: false }

/** What passes quickly; a restart, for one. A disk takes its time. */
const isShort: ReadonlySet<ErrorCode> = new Set(['closed', 'storage_busy', 'unavailable'])

const waiting: Partial<Record<ErrorCode, string>> = {
  clock: "the clock of the server can't be right",
  closed: 'the server is shutting down',
  storage_full: 'the server has no space left',
  storage_readonly: "the server can't write at the moment",
  storage_busy: "the server's storage is busy",
  storage_io: "the server's storage fails at the moment",
  unavailable: 'the server is busy',
}

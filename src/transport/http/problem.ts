import { type ErrorCode, goErrorOf, RejoinError } from '../../errors/index.ts'
import { type Answer, json } from './answer.ts'

export interface Problem {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable?: boolean
  readonly details?: object
}

/** An answer other than 200. */
export function problem(
  status: number,
  { code, message, retryable = false, details = {} }: Problem,
  headers?: Record<string, string>,
): Answer {
  const more = Object.keys(details).length > 0 ? { details } : {}
  return json(status, { error: { code, message, retryable, ...more } }, headers)
}

/** What is to be answered to something that went wrong, before it has the form of a protocol. */
export interface Verdict {
  readonly status: number
  readonly said: Problem
  readonly headers?: Record<string, string>
}

/** Thrown where no error code says what the answer is. */
export class Refusal extends Error {
  readonly verdict: Verdict

  constructor(status: number, said: Problem) {
    super(said.message)
    this.verdict = { status, said }
  }
}

/** A verdict in the native protocol's form. */
export function problemOf({ status, said, headers }: Verdict): Answer {
  return problem(status, said, headers)
}

/**
 * What to answer to what went wrong. The caller's own faults are told in their words; of ours the caller
 * learns only whether waiting helps, because messages about storage name files.
 */
export function verdictOf(error: unknown): Verdict {
  if (error instanceof Refusal) return error.verdict
  if (!(error instanceof RejoinError)) return { status: 500, said: { code: 'internal', ...failed } }
  const { code, message, details, retryable } = error
  const { status } = goErrorOf(error)
  if (status < 500) return { status, said: { code, message, retryable, details } }
  if (status === 500) return { status, said: { code, ...failed } }
  const words = waiting[code] ?? 'the server asks for patience'
  const seconds = isShort.has(code) ? '1' : '5'
  const said = { code, message: words, retryable: true }
  return { status, said, headers: { 'retry-after': seconds } }
}

const failed = { message: 'the server failed; its log says why' }

/** What passes quickly; a restart, for one. A disk takes its time. */
const isShort: ReadonlySet<ErrorCode> = new Set(['closed', 'storage_busy', 'unavailable'])

const waiting: Partial<Record<ErrorCode, string>> = {
  closed: 'the server is shutting down',
  storage_full: 'the server has no space left',
  storage_readonly: "the server can't write at the moment",
  storage_busy: "the server's storage is busy",
  storage_io: "the server's storage fails at the moment",
  unavailable: 'the server is busy',
}

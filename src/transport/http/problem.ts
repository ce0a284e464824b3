import type { ErrorCode } from '../../errors/index.ts'
import { told } from '../remote/told.ts'
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

/** What to answer to what went wrong. */
export function verdictOf(error: unknown): Verdict {
  if (error instanceof Refusal) return error.verdict
  const { status, retryAfter, ...said } = told(error)
  if (retryAfter === undefined) return { status, said }
  return { status, said, headers: { 'retry-after': String(retryAfter / 1000) } }
}

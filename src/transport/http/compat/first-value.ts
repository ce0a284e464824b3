import { RejoinError } from '../../../errors/index.ts'
import { scanJson } from '../../../json/index.ts'

/**
 * The text of the JSON value that a body begins with. As in Go, what follows it is ignored. Throws
 * `invalid_frame` when there is none, or one that is nested deeper than Go reads.
 */
export function firstValue(body: string): string {
  const at = scanJson(body, deepest)
  if (at < 0) return body.trim()
  const value = body.slice(0, at)
  if (at > 0 && scanJson(value, deepest) < 0) return value.trim()
  throw notJson(
    at === body.length
      ? 'the JSON ends too early'
      : `character ${at} is not JSON, or too deeply nested`,
  )
}

/** The error for a body that is not in go-sync-kit's form. */
export function notJson(problem: string, cause?: unknown): RejoinError {
  const where = { operation: 'decode', component: 'transport/http' }
  return new RejoinError('invalid_frame', `the body: ${problem}`, { ...where, cause })
}

/** As Go's decoder. */
const deepest = 10_000

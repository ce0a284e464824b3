import type { ErrorCode } from '../../../errors/index.ts'
import { type Answer, json } from '../answer.ts'
import { jsonType } from '../media.ts'
import { Refusal, type Verdict } from '../problem.ts'

/** What went wrong, as go-sync-kit says it. */
export function goFailure({ status, said, headers }: Verdict): Answer {
  return json(status, { error: said.message }, headers)
}

/** The refusal of a request that is wrong in itself. */
export function refusal(
  status: number,
  message: string,
  code: ErrorCode = 'invalid_argument',
): Refusal {
  return new Refusal(status, { code, message })
}

/** An answer that is JSON text already. */
export function jsonText(text: string): Answer {
  const headers = { 'content-type': jsonType }
  return { status: 200, headers, body: new TextEncoder().encode(text) }
}

/** Go's handler compresses for whoever names gzip, whatever weight it is given. */
export function namesGzip(acceptEncoding: string | null): boolean {
  return acceptEncoding?.includes('gzip') ?? false
}

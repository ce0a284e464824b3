import type { ErrorCode } from '../errors/index.ts'

/** An error in the form that every answer of this server has. */
export function errorResponse(
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { error: { code, message, retryable: false } }
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}

import { RejoinError } from '../../errors/index.ts'
import { atMost, collect } from './bytes.ts'
import { gunzipped, looksGzipped } from './gzip.ts'
import type { TransferLimits } from './limits.ts'

export type ResponseLimits = Pick<TransferLimits, 'bodyBytes' | 'unpackedBytes'>

/**
 * The bytes of a response. fetch has usually unpacked it already, so that of what travelled only the
 * announced length is seen; what comes out is counted while it streams. Throws `too_large`.
 */
export async function readResponseBytes(
  response: Response,
  limits: ResponseLimits,
  operation: string,
): Promise<Uint8Array> {
  const over = () =>
    new RejoinError('too_large', `the answer is larger than ${limits.unpackedBytes} bytes`, {
      operation,
      component: 'transport/http',
      details: { limit: limits.unpackedBytes },
    })
  const packed = (response.headers.get('content-encoding') ?? '') !== ''
  const limit = packed ? limits.bodyBytes : limits.unpackedBytes
  if (response.body === null) return new Uint8Array()
  if (Number(response.headers.get('content-length') ?? 0) > limit) {
    await response.body.cancel().catch(() => {})
    throw over()
  }
  const body = await collect(response.body, { count: atMost(limits.unpackedBytes, over) })
  // A fetch that leaves the body as it travelled, such as a handler called in the same process.
  const bytes = body.joined()
  if (!looksGzipped(bytes)) return bytes
  const unpacked = collect(gunzipped([bytes]), { count: atMost(limits.unpackedBytes, over) })
  return (await unpacked).joined()
}

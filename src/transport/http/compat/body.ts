import { type BodyContext, type BodyWords, readText } from '../request-body.ts'
import type { Call } from '../route.ts'
import { refusal } from './go-answer.ts'

/**
 * The text of a body as go-sync-kit takes it: any type that begins as JSON's does, or none; plain or gzip.
 * Limits and patience are those of the native protocol, refusals have go-sync-kit's words.
 */
export async function readCompatBody(call: Call, context: BodyContext): Promise<string> {
  const { headers } = call.request
  const type = headers.get('content-type') ?? ''
  if (type !== '' && !type.startsWith('application/json'))
    throw refusal(415, 'unsupported media type')
  const coding = headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  if (coding !== '' && coding !== 'gzip')
    throw refusal(
      415,
      `unsupported content encoding: ${coding.slice(0, 40)} (only gzip is supported)`,
    )
  const text = await readText(call, context, coding === 'gzip', goWords)
  if (text === '') throw refusal(400, 'empty request body')
  return text
}

const goWords: BodyWords = {
  announced: (limit) =>
    refusal(413, `request body too large: maximum size is ${limit} bytes`, 'too_large'),
  travelled: () => refusal(413, 'http: request body too large', 'too_large'),
  unpacked: () => refusal(413, 'decompressed data exceeds maximum size limit', 'too_large'),
  notGzip: (_cause, begun) =>
    refusal(400, `invalid gzip data: ${begun ? 'unexpected EOF' : 'gzip: invalid header'}`),
}

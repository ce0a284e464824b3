import { RejoinError } from '../../errors/index.ts'
import { type Kind, kinds } from './wire.ts'

/** One message: what it is, of which call, and a body that is read by who knows what it must be. */
export interface Message {
  readonly kind: Kind
  readonly id: number
  readonly body: Uint8Array
}

/** A message whose body is text, or JSON. */
export function encodeMessage(
  kind: Kind,
  id: number,
  body: string | object = '',
): Uint8Array<ArrayBuffer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  // The head's room is made before the text is encoded: a page is never copied.
  const bytes = encoder.encode(room + text)
  return withHead(bytes, kind, id)
}

/** The same message for another call. */
export function forCall(message: Uint8Array<ArrayBuffer>, id: number): Uint8Array<ArrayBuffer> {
  if (callOf(message) === id) return message
  const copy = message.slice()
  writeId(copy, id)
  return copy
}

/** Throws `invalid_frame` for what is no message of ours. */
export function decodeMessage(bytes: Uint8Array): Message {
  const kind = names[bytes[0] ?? 0]
  if (kind === undefined) throw malformed(`no message is of the kind ${bytes[0] ?? 'nothing'}`)
  if (bytes.byteLength < headBytes) throw malformed(`a ${kind} of ${bytes.byteLength} bytes`)
  return { kind, id: callOf(bytes), body: bytes.subarray(headBytes) }
}

/** A body as text; throws `invalid_frame` when it is not UTF-8. */
export function textOf({ kind, body }: Message): string {
  try {
    return decoder.decode(body)
  } catch (cause) {
    throw malformed(`a ${kind} that is not UTF-8`, cause)
  }
}

/** A body as JSON; throws `invalid_frame` when it is none. */
export function jsonOf(message: Message): unknown {
  try {
    return JSON.parse(textOf(message))
  } catch (cause) {
    if (cause instanceof RejoinError) throw cause
    throw malformed(`a ${message.kind} that is not JSON`, cause)
  }
}

export function malformed(problem: string, cause?: unknown): RejoinError {
  return new RejoinError('invalid_frame', problem, {
    operation: 'receive',
    component: 'transport/websocket',
    cause,
  })
}

function withHead(bytes: Uint8Array<ArrayBuffer>, kind: Kind, id: number): Uint8Array<ArrayBuffer> {
  bytes[0] = kinds[kind]
  writeId(bytes, id)
  return bytes
}

function writeId(bytes: Uint8Array, id: number): void {
  bytes[1] = id >>> 8
  bytes[2] = id & 0xff
}

function callOf(bytes: Uint8Array): number {
  return ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
}

const headBytes = 3
const room = '\0'.repeat(headBytes)
const names: readonly (Kind | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind] === code),
)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

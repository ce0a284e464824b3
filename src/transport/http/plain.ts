import type { ByteSource } from './bytes.ts'

/**
 * A request as far as most answers look at it. Where a server has no `Request` at hand, making one would take
 * several times as long as answering.
 */
export interface PlainRequest {
  readonly method: string
  /** As `URL` has them; `search` with its question mark, or empty. */
  readonly pathname: string
  readonly search: string
  readonly url: URL
  readonly headers: PlainHeaders
  /** Read by whoever answers, once. */
  readonly body: ByteSource | null
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
  /** The same for one listener, which is told at once when the client is gone by now. Returns how to stop. */
  whenGone(listener: (reason: unknown) => void): () => void
  /** The same as fetch has it, with what has not been read of the body. */
  asRequest(): Request
}

export interface PlainHeaders {
  /** By a name in lower case; several of one name are joined, as `Headers` has it. */
  get(name: string): string | null
  has(name: string): boolean
}

/** An answer as it travels, except that nobody has counted the bytes of a text. */
export interface PlainAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `null`: none, whatever is said of its length. */
  readonly body: string | Uint8Array<ArrayBuffer> | null
}

/** Answers as a fetch handler does. */
export type PlainHandler = (
  request: PlainRequest,
) => PlainAnswer | Response | Promise<PlainAnswer | Response>

/** A fetch handler, and the same one for those who have no `Request` at hand. */
export interface FetchHandler {
  (request: Request): Response | Promise<Response>
  /** Gives the same answers. Absent: it wants the `Request`. */
  readonly plain?: PlainHandler | undefined
}

/** Any handler as one that takes plain requests. */
export function plainOf(handler: FetchHandler): PlainHandler {
  return handler.plain ?? ((request) => handler(request.asRequest()))
}

/** What fetch has handed in. */
export function plainRequest(request: Request): PlainRequest {
  const url = new URL(request.url)
  const { method, headers, body, signal } = request
  const { pathname, search } = url
  const whenGone = (listener: (reason: unknown) => void) => listenTo(signal, listener)
  const parts = { method, pathname, search, url, headers, body }
  return { ...parts, signal, whenGone, asRequest: () => request }
}

/** What fetch wants to have. */
export function responseOf({ status, headers, body }: PlainAnswer): Response {
  if (typeof body !== 'string') return new Response(body, { status, headers })
  const bytes = encoder.encode(body)
  const length = { 'content-length': String(bytes.byteLength) }
  return new Response(bytes, { status, headers: { ...headers, ...length } })
}

function listenTo(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  const tell = () => listener(signal.reason)
  if (signal.aborted) tell()
  else signal.addEventListener('abort', tell, { once: true })
  return () => signal.removeEventListener('abort', tell)
}

const encoder = new TextEncoder()

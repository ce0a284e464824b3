import type { IncomingMessage } from 'node:http'
import { type PlainRequest, plainRequest } from '../transport/http/plain.ts'
import type { ClientGone } from './client-gone.ts'
import { hostOf } from './loopback.ts'
import { bodyStream, NodeBody } from './node-body.ts'
import { NodeHeaders } from './node-headers.ts'

/** A plain request that may know of itself that nothing of its body is left to read. */
export interface NodeRequest extends PlainRequest {
  readonly hasAllRead?: boolean
}

/**
 * What a Node request asks for; `undefined` when that makes no sense. Whatever is out of the ordinary goes through
 * fetch's `Request`, which says what it means, and `URL`.
 */
export function plainRequestOf(
  message: IncomingMessage,
  gone: ClientGone,
): NodeRequest | undefined {
  const { method = '', headers } = message
  const target = targetOf(message)
  const isOrdinary = ordinaryMethods.has(method) && ordinaryTarget.test(target)
  if (isOrdinary && isHost(headers.host ?? 'localhost'))
    return new OrdinaryRequest(message, target, gone)
  const request = requestOf(message, gone.signal)
  return request && plainRequest(request)
}

/** The fetch request that a Node request stands for; `undefined` when it stands for none. */
export function requestOf(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  try {
    return fetchRequest(message, signal)
  } catch {
    return undefined
  }
}

/** A request of which `Request` and `URL` would say nothing else than stands there. */
class OrdinaryRequest implements NodeRequest {
  readonly method: string
  readonly pathname: string
  readonly search: string
  readonly headers: NodeHeaders
  readonly body: NodeBody | null
  readonly #message: IncomingMessage
  readonly #gone: ClientGone

  constructor(message: IncomingMessage, target: string, gone: ClientGone) {
    const query = target.indexOf('?')
    this.method = message.method ?? ''
    this.pathname = query < 0 ? target : target.slice(0, query)
    // A question mark alone asks nothing.
    this.search = query < 0 || query === target.length - 1 ? '' : target.slice(query)
    this.headers = new NodeHeaders(message.rawHeaders)
    this.body = hasBody(this.method) ? new NodeBody(message) : null
    this.#message = message
    this.#gone = gone
  }

  get hasAllRead(): boolean {
    return this.body?.isRead ?? false
  }

  get url(): URL {
    return new URL(urlOf(this.#message))
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  whenGone(listener: (reason: unknown) => void): () => void {
    return this.#gone.whenGone(listener)
  }

  asRequest(): Request {
    return fetchRequest(this.#message, this.signal)
  }
}

function fetchRequest(message: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET' } = message
  return new Request(urlOf(message), {
    method,
    headers: headersOf(message),
    signal,
    ...(hasBody(method) && { body: bodyStream(new NodeBody(message)), duplex: 'half' }),
  })
}

function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

function urlOf(message: IncomingMessage): string {
  const target = targetOf(message)
  if (!target.startsWith('/')) throw new TypeError('not a path')
  // Put together as text: resolved against a base, `//name/path` would name another host.
  return `http://${message.headers.host ?? 'localhost'}${target}`
}

/** Where Express mounts a handler at a path, it takes that path off `url`. */
function targetOf({
  originalUrl,
  url = '',
}: IncomingMessage & { readonly originalUrl?: string }): string {
  return originalUrl ?? url
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string)
  return headers
}

let lastHost = 'localhost'

/** Whether an address can be made with it. Nearly all requests name the same one. */
function isHost(host: string): boolean {
  if (host === lastHost) return true
  if (hostOf(host) === undefined || !URL.canParse(`http://${host}`)) return false
  lastHost = host
  return true
}

const ordinaryMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'])
/** Nothing that is written in another way, and no segment that begins with a dot. */
const ordinaryTarget = /^(?:\/(?!\.)[A-Za-z0-9._~*-]*)+(?:\?[A-Za-z0-9._~*=&-]*)?$/

import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Runtime } from '../../../runtime/index.ts'

export interface PooledFetchOptions {
  /** Milliseconds until a connection stands. Default 500. */
  readonly connect?: number
  readonly runtime: Pick<Runtime, 'timer'>
}

export interface PooledFetch {
  readonly fetch: typeof fetch
  /** Ends all connections, those in use too. Idempotent. */
  close(): void
}

/**
 * `fetch` for servers close by, over connections that are kept: it knows soon that nobody is there, which the
 * global one does not let itself be told. Plain HTTP; a body is a text. A connection that has ended just as it was
 * used again is made anew once, so that what is asked must be harmless to repeat.
 */
export function pooledFetch({ connect = 500, runtime }: PooledFetchOptions): PooledFetch {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 10, timeout: 90_000 })
  return {
    async fetch(input, init = {}) {
      const asked = { url: String(input), init, agent, connect, runtime }
      try {
        return await answerTo(asked)
      } catch (error) {
        init.signal?.throwIfAborted()
        if (!(error instanceof StaleConnection)) throw error
        return answerTo(asked)
      }
    },
    close: () => agent.destroy(),
  }
}

interface Asked extends Required<PooledFetchOptions> {
  readonly url: string
  readonly init: RequestInit
  readonly agent: Agent
}

/** It was closed at the other end while it was not used. */
class StaleConnection extends Error {}

function answerTo({ url, init, agent, connect, runtime }: Asked): Promise<Response> {
  const { method = 'GET', body, signal } = init
  const headers = Object.fromEntries(new Headers(init.headers))
  const text = typeof body === 'string' ? Buffer.from(body) : undefined
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const length = text === undefined ? {} : { 'content-length': text.byteLength }
    const asking = request(url, { method, agent, headers: { ...headers, ...length } })
    const stop = () => asking.destroy(signal?.reason as Error)
    signal?.addEventListener('abort', stop, { once: true })
    asking.on('socket', (socket) => limitConnecting(asking, socket, connect, runtime))
    asking.on('response', (incoming) => {
      // The signal ends the body as well.
      incoming.once('close', () => signal?.removeEventListener('abort', stop))
      resolve(responseOf(incoming))
    })
    asking.on('error', (cause) => {
      signal?.removeEventListener('abort', stop)
      const isStale = asking.reusedSocket && (cause as NodeJS.ErrnoException).code === 'ECONNRESET'
      reject(isStale ? new StaleConnection('the connection was stale', { cause }) : cause)
    })
    asking.end(text)
  })
}

function limitConnecting(
  asking: ClientRequest,
  socket: Socket,
  ms: number,
  runtime: Pick<Runtime, 'timer'>,
): void {
  if (!socket.connecting) return
  const late = () =>
    asking.destroy(Object.assign(new Error(`no connection within ${ms} ms`), { code: 'ETIMEDOUT' }))
  const timer = runtime.timer(ms, late)
  socket.once('connect', () => timer.cancel())
  socket.once('close', () => timer.cancel())
}

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode: status = 500, headers: given } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(given))
    for (const one of [value ?? []].flat()) headers.append(name, one)
  const isEmpty = status === 204 || status === 205 || status === 304
  if (isEmpty) incoming.resume()
  const body = isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>)
  return new Response(body, { status: status < 200 ? 502 : status, headers })
}

import type { IncomingMessage } from 'node:http'

/** The fetch request that a Node request stands for; `undefined` when it stands for none. */
export function requestOf(message: IncomingMessage, signal: AbortSignal): Request | undefined {
  const method = message.method ?? 'GET'
  const hasBody = method !== 'GET' && method !== 'HEAD'
  try {
    return new Request(urlOf(message), {
      method,
      headers: headersOf(message),
      signal,
      ...(hasBody && { body: bodyOf(message), duplex: 'half' }),
    })
  } catch {
    return undefined
  }
}

function urlOf(message: IncomingMessage & { readonly originalUrl?: string }): string {
  const { headers, originalUrl, url = '' } = message
  // Where Express mounts a handler at a path, it takes that path off `url`. Put together as text: resolved
  // against a base, `//name/path` would name another host.
  return `http://${headers.host ?? 'localhost'}${asPath(originalUrl ?? url)}`
}

function asPath(url: string): string {
  if (!url.startsWith('/')) throw new TypeError('not a path')
  return url
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers()
  const { rawHeaders } = message
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string)
  return headers
}

/** A body that reads from the socket only as fast as it is read itself. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        message.pause()
        message.on('data', (chunk: Buffer) => {
          controller.enqueue(chunk)
          if ((controller.desiredSize ?? 0) <= 0) message.pause()
        })
        message.once('end', () => controller.close())
        const broken = (cause?: Error) => {
          if (message.readableEnded) return
          controller.error(new Error('the connection broke off', { cause }))
        }
        message.once('error', broken)
        message.once('close', broken)
      },
      pull() {
        message.resume()
      },
      cancel() {
        message.removeAllListeners('data')
        message.removeAllListeners('end')
        message.pause()
      },
    },
    { highWaterMark: 0 },
  )
}

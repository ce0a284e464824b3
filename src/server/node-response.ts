import type { ServerResponse } from 'node:http'
import type { PlainAnswer } from '../transport/http/plain.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * Sends an answer, no faster than it is taken. A stream of events, which has no end of its own, ends when the
 * server closes. Answers `undefined` when all of it has been handed over by now. Rejects when its body fails; what
 * was sent of it can then only break off.
 */
export function send(
  answer: PlainAnswer | Response,
  to: ServerResponse,
  outgoing: Outgoing,
  closing?: AbortSignal,
): undefined | Promise<void> {
  if (answer instanceof Response) return sendResponse(answer, to, outgoing, closing)
  const { status, headers, body } = answer
  if (typeof body !== 'string') {
    to.writeHead(status, headers)
    if (body !== null) return sendBytes(body, to, outgoing)
    to.end()
    return undefined
  }
  to.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  // A reader that takes nothing is found out by what it has to wait for.
  if (to.writableNeedDrain) return sendBytes(Buffer.from(body), to, outgoing)
  // Head and text go out in one piece.
  to.end(body)
  return undefined
}

async function sendBytes(bytes: Uint8Array, to: ServerResponse, outgoing: Outgoing): Promise<void> {
  if (!to.write(bytes)) await outgoing.drained(to, bytes)
  to.end()
}

async function sendResponse(
  response: Response,
  to: ServerResponse,
  outgoing: Outgoing,
  closing?: AbortSignal,
): Promise<void> {
  to.writeHead(response.status, [...response.headers].flat())
  if (response.body === null) return void to.end()
  const reader = response.body.getReader()
  const gone = () => void reader.cancel().catch(() => {})
  const until = isEndless(response) ? closing : undefined
  to.once('close', gone)
  until?.addEventListener('abort', gone, { once: true })
  if (until?.aborted) gone()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || to.destroyed) break
      if (!to.write(value)) await outgoing.drained(to, value)
    }
    to.end()
  } finally {
    to.off('close', gone)
    until?.removeEventListener('abort', gone)
  }
}

function isEndless({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream'
}

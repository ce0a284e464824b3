import type { ServerResponse } from 'node:http'
import type { Outgoing } from './outgoing.ts'

/**
 * Sends a fetch response, no faster than it is taken. A stream of events, which has no end of its own, ends
 * when the server closes. Rejects when its body fails; what was sent of it can then only break off.
 */
export async function send(
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

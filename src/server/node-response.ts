import type { ServerResponse } from 'node:http'

/** Sends a fetch response, no faster than it is taken. Rejects when the body fails; what was sent then breaks off. */
export async function send(response: Response, to: ServerResponse): Promise<void> {
  to.writeHead(response.status, [...response.headers].flat())
  if (response.body === null) return void to.end()
  const reader = response.body.getReader()
  const gone = () => void reader.cancel().catch(() => {})
  to.once('close', gone)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (!to.write(value)) await drained(to)
      if (to.destroyed) return
    }
    to.end()
  } finally {
    to.off('close', gone)
  }
}

function drained(to: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      to.off('drain', settle)
      to.off('close', settle)
      resolve()
    }
    to.once('drain', settle)
    to.once('close', settle)
    if (to.destroyed) settle()
  })
}

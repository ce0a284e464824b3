import type { IncomingMessage } from 'node:http'
import type { Runtime } from '../runtime/index.ts'

/**
 * What was answered before its body had come in: the rest is read and thrown away, because a sender whose
 * connection closes in the middle of sending often never sees the answer. Up to a limit; then it closes.
 */
export function discardRest(message: IncomingMessage, runtime: Pick<Runtime, 'timer'>): void {
  if (message.complete || message.destroyed) return
  let left = mostBytes
  const timer = runtime.timer(mostTime, () => message.destroy())
  message.once('close', () => timer.cancel())
  message.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) message.destroy()
  })
  message.resume()
}

const mostBytes = 32 * 1024 * 1024
const mostTime = 5_000

import type { IncomingMessage } from 'node:http'
import type { Runtime } from '../runtime/index.ts'

/**
 * What was answered before its body had come in: the rest is read and thrown away, because a sender whose
 * connection is reset in the middle of sending often never sees the answer. That much it is worth only for
 * a body that said how long it is; of others a little, as Go's server does; and nothing of it while the
 * server is short of memory, because reading takes some. Then the connection ends.
 */
export function discardRest(
  message: IncomingMessage,
  status: number,
  runtime: Pick<Runtime, 'timer' | 'monotonic'>,
): void {
  if (message.complete || message.destroyed) return
  const announced = Number(message.headers['content-length'] ?? unannounced)
  let left = status === 503 ? 0 : Math.min(announced, most)
  const until = runtime.monotonic() + mostTime
  let timer = runtime.timer(mostIdle, endConnection)
  message.once('close', () => timer.cancel())
  message.removeAllListeners('data').on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    timer.cancel()
    if (left < 0 || runtime.monotonic() > until) endConnection()
    else timer = runtime.timer(mostIdle, endConnection)
  })
  if (left === 0) endConnection()
  else message.resume()

  function endConnection(): void {
    timer.cancel()
    message.removeAllListeners('data').pause()
    message.socket.end()
    timer = runtime.timer(farewell, () => message.socket.destroy())
  }
}

const unannounced = 256 * 1024
const most = 32 * 1024 * 1024
/** Milliseconds: for all of it, for the next piece, and for the sender to read the answer after its end. */
const mostTime = 5_000
const mostIdle = 1_000
const farewell = 500

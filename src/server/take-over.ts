import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '../ports/index.ts'

/** Does with a socket from the `upgrade` event what is to be done; when that fails, the socket ends. */
export function takeOver(
  message: IncomingMessage,
  socket: Duplex,
  work: () => Promise<void>,
  logger: Logger,
): void {
  socket.on('error', destroyed)
  work().catch((error) => {
    logger.error('a connection failed', { path: message.url, error })
    socket.destroy()
  })
}

/** From here on `ws` hears of what goes wrong with it. */
export function handOver(socket: Duplex): void {
  socket.off('error', destroyed)
}

// No closure: it would keep the request for as long as the connection lasts.
function destroyed(this: Duplex): void {
  this.destroy()
}

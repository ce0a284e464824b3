import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Ends the connections of a server on which nothing has ever come: clients open some ahead, and Node does not count
 * them as idle, so that a server that closes would wait for them.
 */
export function unaskedOf(server: Server): { end(): void } {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return {
    end() {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}

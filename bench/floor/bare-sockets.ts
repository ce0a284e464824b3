import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

/** A WebSocket server that does nothing but hold connections, and send one buffer to all of them. */
export async function bareSockets(): Promise<BareSockets> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    sendToAll(buffer) {
      for (const socket of server.clients) socket.send(buffer)
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface BareSockets {
  readonly url: string
  sendToAll(buffer: Buffer): void
  close(): Promise<void>
}

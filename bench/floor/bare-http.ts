import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that does nothing but call `answer` with the whole body; what comes back is the answer. */
export function bareServer(answer: (path: string, body: Buffer) => Buffer): Promise<BareServer> {
  const server = createServer((message, response) => {
    void whole(message).then((body) => {
      const bytes = answer(message.url ?? '', body)
      response.writeHead(200, { 'content-length': bytes.byteLength })
      response.end(bytes)
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({ url: `http://127.0.0.1:${port}`, close: () => closed(server) })
    })
  })
}

export interface BareServer {
  readonly url: string
  close(): Promise<void>
}

/** One connection that is kept. */
export class BareClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  send(url: string, body?: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST'
      const headers = body === undefined ? {} : { 'content-length': body.byteLength }
      const call = request(url, { agent: this.#agent, method, headers }, (message) => {
        whole(message).then(resolve, reject)
      })
      call.on('error', reject)
      call.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

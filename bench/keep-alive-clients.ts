import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** One request over HTTP as it travels. */
export function requestBytes(method: 'GET' | 'POST', path: string, body = ''): Buffer {
  const type = 'Content-Type: application/json\r\n'
  const about = method === 'GET' ? '' : `${type}Content-Length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(`${method} /${path} HTTP/1.1\r\nHost: localhost\r\n${about}\r\n${body}`)
}

/**
 * A client with one connection that it keeps, and one request under way: as little as a client can do, so that
 * what is measured is the server.
 */
export class KeepAliveClient {
  readonly #url: string
  #socket: Socket
  #chunks: Buffer[] = []
  #waiting: { resolve(body: Buffer): void; reject(error: Error): void } | undefined

  static async open(url: string): Promise<KeepAliveClient> {
    return new KeepAliveClient(url, await connected(url))
  }

  private constructor(url: string, socket: Socket) {
    this.#url = url
    this.#socket = socket
    this.#listen()
  }

  /** Answers with the body; rejects what is not a success. */
  send(request: Buffer): Promise<Buffer> {
    return this.#socket.destroyed ? this.#sendAgain(request) : this.#send(request)
  }

  /** While others had their turn, the server hung up on a client that was silent. */
  async #sendAgain(request: Buffer): Promise<Buffer> {
    this.#socket = await connected(this.#url)
    this.#listen()
    return this.#send(request)
  }

  #listen(): void {
    const socket = this.#socket
    socket.on('data', (chunk) => this.#hear(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the server hung up')))
  }

  #send(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #hear(chunk: Buffer): void {
    this.#chunks.push(chunk)
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = bytes.toString('latin1', 0, end)
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    const body = bytes.subarray(end + 4)
    const isWhole = length !== undefined && body.length === Number(length)
    if (length !== undefined && !isWhole) return
    this.#chunks = []
    if (isWhole && head.startsWith('HTTP/1.1 2')) this.#waiting?.resolve(body)
    else this.#waiting?.reject(new Error(`${head}\n${body}`))
  }
}

async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  await once(socket, 'connect')
  return socket
}

import { connect, createServer, type Server, type Socket } from 'node:net'

/** A cable that can be pulled: it has an address at once, and ends at a port of this machine. */
export class Cable {
  readonly address: string
  #end: number | undefined
  #isCut = false
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(server: Server, address: string) {
    this.#server = server
    this.address = address
    server.on('connection', (near) => this.#carry(near))
  }

  static async lay(): Promise<Cable> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { readonly port: number }
    return new Cable(server, `127.0.0.1:${port}`)
  }

  plugInto(port: number): void {
    this.#end = port
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #carry(near: Socket): void {
    if (this.#isCut || this.#end === undefined) {
      near.destroy()
      return
    }
    const far = connect(this.#end, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
  }
}

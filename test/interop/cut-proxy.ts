import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Stands in front of a server, at an address of its own, and can be cut: then every connection breaks. */
export class CutProxy implements AsyncDisposable {
  readonly #port: number
  readonly #server
  readonly #sockets = new Set<Socket>()
  #isCut = false

  static async open(port: number, target: number): Promise<CutProxy> {
    const proxy = new CutProxy(port, target)
    await once(proxy.#server.listen(port, '127.0.0.1'), 'listening')
    return proxy
  }

  private constructor(port: number, target: number) {
    this.#port = port
    this.#server = createServer((near) => {
      this.#keep(near)
      if (this.#isCut) near.resetAndDestroy()
      else this.#join(near, connect(target, '127.0.0.1'))
    })
  }

  /** Host and port. */
  get address(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** Nothing comes through, in either direction, until `heal`. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  heal(): void {
    this.#isCut = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #join(near: Socket, far: Socket): void {
    this.#keep(far)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
  }
}

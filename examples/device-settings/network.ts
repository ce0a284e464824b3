/** The network of one device, which can be cut. */
export class Network {
  #isCut = false
  readonly #sockets = new Set<WebSocket>()
  readonly fetch: typeof fetch
  readonly WebSocket: new (
    url: string,
    protocols: string[],
  ) => WebSocket

  constructor() {
    const opened = (socket: WebSocket) => this.#sockets.add(socket)
    const check = () => {
      if (this.#isCut) throw new TypeError('no network')
    }
    this.fetch = async (...request) => {
      check()
      return fetch(...request)
    }
    this.WebSocket = class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        check()
        super(url, protocols)
        opened(this)
      }
    }
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.close()
    this.#sockets.clear()
  }

  heal(): void {
    this.#isCut = false
  }
}

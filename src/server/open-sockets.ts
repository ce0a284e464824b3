import type { RawData, WebSocket } from 'ws'
import { closeReason } from '../transport/websocket/close-reason.ts'

/** What stands behind a WebSocket. */
export interface SocketPeer {
  /** A sign of life. */
  heard(): void
  /** The socket is gone. Idempotent. */
  gone(): void
  /** Ends with a closing handshake. Idempotent. */
  leave(): void
}

/** The WebSockets that are open, each with its peer, and the end of all of them. */
export class OpenSockets<Peer extends SocketPeer> {
  readonly #open = new Map<WebSocket, Peer>()
  readonly #listeners: Listeners
  #closing: PromiseWithResolvers<void> | undefined

  constructor(receive: (peer: Peer, data: RawData, isBinary: boolean) => void) {
    const open = this.#open
    const gone = (socket: WebSocket) => {
      open.get(socket)?.gone()
      open.delete(socket)
      this.#endIfDone()
    }
    // The same for all connections: their own would cost each of them as much as the rest of it.
    this.#listeners = {
      message(data, isBinary) {
        const peer = open.get(this)
        if (peer !== undefined) receive(peer, data, isBinary)
      },
      pong() {
        open.get(this)?.heard()
      },
      // What is wrong stands in the close code that `ws` has chosen.
      error() {
        open.get(this)?.gone()
      },
      close() {
        gone(this)
      },
    }
  }

  /** Takes no more. */
  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  add(socket: WebSocket, peer: Peer): void {
    this.#open.set(socket, peer)
    for (const [event, listener] of Object.entries(this.#listeners)) socket.on(event, listener)
  }

  /** Has all of them leave; resolves when they are gone. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers()
    for (const peer of [...this.#open.values()]) peer.leave()
    this.#endIfDone()
    return this.#closing.promise
  }

  /** Ends what is left. */
  terminate(): void {
    for (const socket of [...this.#open.keys()]) socket.terminate()
  }

  #endIfDone(): void {
    if (this.#open.size === 0) this.#closing?.resolve()
  }
}

/** Ends a WebSocket that nobody is to have; whatever else its client does is not heard. */
export function turnAway(socket: WebSocket, code: number, reason: string): void {
  socket.on('error', () => {})
  socket.close(code, closeReason(reason))
}

interface Listeners {
  message(this: WebSocket, data: RawData, isBinary: boolean): void
  pong(this: WebSocket): void
  error(this: WebSocket): void
  close(this: WebSocket): void
}

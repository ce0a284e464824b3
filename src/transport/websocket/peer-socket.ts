/** A server's end of a WebSocket, whichever library opened it; that of `ws` has this form. */
export interface PeerSocket {
  /** Bytes handed over that the system has not taken yet. */
  readonly bufferedAmount: number
  /** One binary message; `sent` is called when the system has taken it, or never will. */
  send(message: Uint8Array, sent?: () => void): void
  /** Asks for a sign of life. */
  ping(): void
  /** Begins the closing handshake. */
  close(code: number, reason: string): void
  /** Ends the connection without one. */
  terminate(): void
}

/** What the socket of a connection has to tell it. */
export interface PeerConnection {
  /** A whole message. Never throws: what is no message of ours ends the connection. */
  receive(message: Uint8Array, isBinary: boolean): void
  /** A sign of life, such as a pong. */
  heard(): void
  /** The socket is gone. Idempotent. */
  gone(): void
  /** No more calls; ends with a closing handshake when those under way are answered. Idempotent. */
  leave(): void
}

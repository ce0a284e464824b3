/** What a subscriber's socket has to tell whoever serves it. What clients say means nothing else. */
export interface StatePeer {
  /** A message or a pong. */
  heard(): void
  /** The socket is gone. Idempotent. */
  gone(): void
  /** The server shuts down: ends with a closing handshake. Idempotent. */
  leave(): void
}

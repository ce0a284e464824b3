import type { RejoinError } from '../../errors/index.ts'

/**
 * - `connecting`: a connection is being made
 * - `live`: the value is the server's
 * - `waiting`: the connection is lost; the next attempt comes by itself, or with `nudge`
 * - `ended`: it was closed, or the server refuses
 */
export type Connectivity = 'connecting' | 'live' | 'waiting' | 'ended'

export interface SubscribeOptions {
  /** Ends the subscription. */
  readonly signal?: AbortSignal
  /** Called with each change of it, and with why it is `waiting`, or has `ended` by itself. */
  readonly onConnectivity?: (connectivity: Connectivity, trouble?: RejoinError) => void
}

/**
 * A value that follows the server's. As an async iterable it gives the value there is, and then the newest one
 * whenever it has changed: who reads slowly misses what came in between, never the last. Reading ends when the
 * subscription is closed, and rejects when the server refuses it: `unauthorized`, `forbidden`,
 * `invalid_argument`, `protocol`.
 */
export interface Subscription<Value> extends AsyncIterable<Value>, Disposable {
  /** What was told last; it stays through outages. `undefined` until the first value. */
  readonly value: Value | undefined
  /** Whether there was a first value. */
  readonly isLoaded: boolean
  readonly connectivity: Connectivity
  /** Idempotent. */
  close(): void
}

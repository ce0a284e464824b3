import type { ClusterServer } from '../cluster/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { StateServer } from '../state/index.ts'
import type { NativeSockets } from '../transport/websocket/index.ts'
import type { Mount } from './node-listener.ts'

/** What is served, where, and to whom; checked as a whole before the server listens. */
export interface ServeOptions {
  /** By path, such as `{ '/sync': logHandler(log) }`. A request goes to the longest path that fits. */
  readonly mounts: Readonly<Record<string, Mount>>
  /** WebSockets by path, such as `{ '/sync/ws': logSockets(log) }`. */
  readonly sockets?: Readonly<Record<string, NativeSockets>>
  /** A tree of state, served at `/`, beside what is mounted. Close it yourself, after the server. */
  readonly state?: StateServer
  /** This server's part in a cluster: what the other servers call, at `/_pivot` and `/_rejoin`. */
  readonly cluster?: ClusterServer
  /** Default 8080; 0 takes any that is free. */
  readonly port?: number
  /** Default `127.0.0.1`: this machine only. */
  readonly host?: string
  /** Bearer tokens, any of which opens the door. */
  readonly tokens?: readonly string[]
  /** Serve everybody who can connect, without tokens and without checks: something in front takes care of that. */
  readonly insecure?: boolean
  /** Milliseconds that `close` gives the requests in flight. Default 10,000. */
  readonly grace?: number
  /** Connections at one time; more are turned away. Default 10,000. */
  readonly maxConnections?: number
  /** What all answers under way may hold together; beyond it the slowest reader is dropped. Default 256 MiB. */
  readonly answerBytes?: number
  /** Milliseconds in which a reader must take something of its answer. Default 30,000. */
  readonly answerStall?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Before the server listens: rejects with the reason. Afterwards: closes it, as `close` does. */
  readonly signal?: AbortSignal
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ClusterServer } from '../cluster/index.ts'
import type { Logger } from '../ports/index.ts'
import type { StateServer } from '../state/index.ts'
import type { NativeSockets } from '../transport/websocket/index.ts'
import type { Door } from './door.ts'
import { errorResponse } from './error-response.ts'
import { checkPath } from './front.ts'
import { nativeSocketServer } from './native-sockets.ts'
import { stateSocketServer } from './state-sockets.ts'

/** All WebSockets of one server. */
export interface Upgrades {
  /** For the `upgrade` event. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Resolves when all are gone. */
  close(): Promise<unknown>
  /** Ends what is left. */
  terminate(): void
}

export interface UpgradesOptions {
  readonly sockets?: Readonly<Record<string, NativeSockets>>
  readonly state?: StateServer
  readonly cluster?: ClusterServer
}

/** Those of logs and of the cluster at their paths, those of state at all others; `undefined` where there is none. */
export function upgradesOf(
  { sockets = {}, state, cluster }: UpgradesOptions,
  door: Door,
  logger: Logger,
): Upgrades | undefined {
  const paths = Object.keys(sockets)
  for (const path of paths) checkPath(path)
  const context = { door: (request: Request) => refusalAt(door, request), logger }
  const at = (path: string) =>
    Object.hasOwn(sockets, path) ? sockets[path] : cluster?.sockets(path)
  const logs = nativeSocketServer({ ...context, at })
  if (state === undefined) return paths.length === 0 && cluster === undefined ? undefined : logs
  const states = stateSocketServer({ ...context, served: state })
  return {
    upgrade(message, socket, head) {
      const path = (message.url ?? '').replace(/\?.*$/s, '')
      const taker = at(path) === undefined ? states : logs
      taker.upgrade(message, socket, head)
    },
    close: () => Promise.all([logs.close(), states.close()]),
    terminate() {
      logs.terminate()
      states.terminate()
    },
  }
}

function refusalAt(door: Door, { headers }: Request): Response | undefined {
  const refusal = door(headers)
  return refusal && errorResponse(refusal.status, refusal.code, refusal.message)
}

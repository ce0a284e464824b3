import type { ClusterServer } from '../../cluster/index.ts'
import type { Mount } from '../../server/index.ts'
import type { StateServer } from '../../state/index.ts'
import { type PlainHandler, type PlainRequest, plainOf } from '../../transport/http/plain.ts'
import {
  defaultSocketLimits,
  type LogSockets,
  type NativeSockets,
  type PeerConnection,
} from '../../transport/websocket/index.ts'

/** A place for what is not there yet: asks for patience until it is given what to serve. */
export class LateMount {
  #mount: Mount | undefined
  #sockets: LogSockets | undefined

  serve(mount: Mount, sockets: LogSockets): void {
    this.#mount = mount
    this.#sockets = sockets
  }

  readonly answer: Mount = (request) => this.#mount?.(request) ?? notYet()

  readonly sockets: LogSockets = {
    limits: defaultSocketLimits,
    accept: (socket) => (this.#sockets ?? later).accept(socket),
  }
}

/** The same for state. */
export class LateState implements StateServer {
  #served: StateServer | undefined
  #plain: PlainHandler | undefined

  serve(served: StateServer): void {
    this.#served = served
    this.#plain = plainOf(served.handle)
  }

  readonly handle: StateServer['handle'] = Object.assign(
    async (request: Request) => this.#served?.handle(request) ?? notYet(),
    { plain: (request: PlainRequest) => this.#plain?.(request) ?? notYet() },
  )

  readonly isPublic: StateServer['isPublic'] = (request) => this.#served?.isPublic(request) ?? false

  readonly admit: StateServer['admit'] = async (request) => this.#served?.admit(request) ?? notYet()

  async close(): Promise<void> {
    await this.#served?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The same for a part in a cluster. */
export class LateCluster implements ClusterServer {
  #served: ClusterServer | undefined

  serve(served: ClusterServer): void {
    this.#served = served
  }

  readonly handle: ClusterServer['handle'] = async (request) =>
    this.#served?.handle(request) ?? notYet()

  readonly sockets: ClusterServer['sockets'] = (path) => {
    if (this.#served !== undefined) return this.#served.sockets(path)
    return path.startsWith('/_rejoin/') ? later : undefined
  }
}

function notYet(): Response {
  const error = { code: 'unavailable', message: words, retryable: true }
  const headers = { 'cache-control': 'no-store', 'retry-after': '1' }
  return Response.json({ error }, { status: 503, headers })
}

const words = 'the log is being opened'
const nobody: PeerConnection = { receive() {}, heard() {}, gone() {}, leave() {} }
const later: NativeSockets = {
  limits: defaultSocketLimits,
  accept(socket) {
    socket.close(1013, words)
    return nobody
  },
}

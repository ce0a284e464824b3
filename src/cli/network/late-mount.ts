import type { Mount } from '../../server/index.ts'
import {
  defaultSocketLimits,
  type LogSockets,
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
    accept: (socket) => {
      if (this.#sockets !== undefined) return this.#sockets.accept(socket)
      socket.close(1013, words)
      return nobody
    },
  }
}

function notYet(): Response {
  const error = { code: 'unavailable', message: words, retryable: true }
  const headers = { 'cache-control': 'no-store', 'retry-after': '1' }
  return Response.json({ error }, { status: 503, headers })
}

const words = 'the log is being opened'
const nobody: PeerConnection = { receive() {}, heard() {}, gone() {}, leave() {} }

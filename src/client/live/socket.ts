import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { packedBearer } from '../../transport/websocket/packed-bearer.ts'
import { component } from '../where.ts'

/** The part of a browser's WebSocket that is used. */
export type SocketClass = new (url: string, protocols: string[]) => WebSocket

export interface Following {
  readonly url: string
  /** Offered as a subprotocol: pages can set no header. */
  readonly token: string | undefined
  readonly WebSocket: SocketClass
  /** Milliseconds in which it must be open. */
  readonly timeout: number
  /** Milliseconds without a message after which it ends with a `Quiet`. */
  readonly quiet: number
  readonly runtime: Runtime
  readonly onOpen: () => void
  /** What it throws ends the connection. */
  readonly onMessage: (frame: unknown) => void
}

/** Nothing was said for long: browsers don't tell whether anybody is still there. */
export class Quiet extends Error {}

/** Follows one WebSocket to its end, which comes as a rejection: why it ended, or the signal's reason. */
export function follow(following: Following, signal: AbortSignal): Promise<never> {
  const { url, token, WebSocket, timeout, quiet, runtime, onOpen, onMessage } = following
  signal.throwIfAborted()
  const socket = new WebSocket(url, token === undefined ? [] : ['bearer', offered(token)])
  socket.binaryType = 'arraybuffer'
  return new Promise((_, reject) => {
    let isOver = false
    const end = (reason: unknown) => {
      if (isOver) return
      isOver = true
      timer.cancel()
      signal.removeEventListener('abort', stop)
      socket.close()
      reject(reason)
    }
    const stop = () => end(signal.reason)
    const late = () => end(failure('timeout', `no WebSocket to ${url} within ${timeout} ms`, url))
    let timer = runtime.timer(timeout, late)
    let heardAt = 0
    const listen = (left: number) => {
      timer = runtime.timer(left, () => {
        const rest = heardAt + quiet - runtime.monotonic()
        if (rest > 0) listen(Math.ceil(rest))
        else end(new Quiet(`nothing was heard for ${quiet} ms`))
      })
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.addEventListener('open', () => {
      if (isOver) return
      timer.cancel()
      heardAt = runtime.monotonic()
      listen(quiet)
      onOpen()
    })
    socket.addEventListener('message', ({ data }) => {
      if (isOver) return
      heardAt = runtime.monotonic()
      try {
        onMessage(data)
      } catch (error) {
        end(error)
      }
    })
    // Browsers say nothing with it; the close that follows tells all there is.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', ({ code, reason }) => {
      const said = reason === '' ? String(code) : `${code}, ${reason}`
      end(failure('network', `the WebSocket to ${url} ended (${said})`, url))
    })
  })
}

/** After `bearer` as it is, which all servers take; packed where no subprotocol may have its characters. */
function offered(token: string): string {
  return /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(token) ? token : packedBearer(token)
}

function failure(code: 'network' | 'timeout', message: string, url: string): RejoinError {
  return new RejoinError(code, message, { ...where, details: { url } })
}

const where = { operation: 'subscribe', component }

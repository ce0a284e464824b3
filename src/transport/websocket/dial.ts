import { type Asked, connectionEnded, unreachable } from './failure.ts'
import { packedBearer } from './packed-bearer.ts'
import { packedCluster } from './packed-cluster.ts'
import { subprotocol } from './wire.ts'

/** The part of a browser's WebSocket that is used. */
export type SocketClass = new (url: string, protocols: string[]) => WebSocket

export interface Dialling extends Asked {
  readonly WebSocket: SocketClass
  readonly token: string | undefined
  /** Of which this server is. */
  readonly cluster: string | undefined
}

/** Opens a WebSocket; rejects with what is known of the reason, or with that of the signal. */
export function dial(dialling: Dialling, signal: AbortSignal): Promise<WebSocket> {
  signal.throwIfAborted()
  const { url, token, cluster, WebSocket } = dialling
  const socket = new WebSocket(url, [
    subprotocol,
    ...(token ? [packedBearer(token)] : []),
    ...(cluster ? [packedCluster(cluster)] : []),
  ])
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    let reason = ''
    const stop = () => {
      socket.close()
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) socket.close()
      resolve(socket)
    })
    socket.addEventListener('error', (event) => {
      reason ||= reasonOf(event)
    })
    socket.addEventListener('close', (event) => {
      signal.removeEventListener('abort', stop)
      // 1006: nobody has said why; what the platform tells is more.
      const failed = event.code === 1006
      reject(failed ? unreachable(dialling, reason || noReason) : connectionEnded(event, dialling))
    })
  })
}

// Browsers tell nothing; Node has a cause.
function reasonOf(event: Event): string {
  let found: unknown = (event as ErrorEvent).error
  for (let depth = 0; depth < 5; depth++) {
    const { cause } = (found ?? {}) as { cause?: unknown }
    if (cause === undefined) break
    found = cause
  }
  const { code, message } = (found ?? {}) as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && code.startsWith('E')) return plainWords[code] ?? code
  return typeof message === 'string' ? message : ''
}

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the connection broke (ECONNRESET)',
  ENOTFOUND: 'there is no such host (ENOTFOUND)',
}

const noReason = 'no WebSocket was opened'

import { packedBearer } from '../../../../transport/websocket/packed-bearer.ts'
import { token, urlOf } from './requests.ts'

export interface Following {
  stop(): void
}

/** Called with each message of a subscription, and whenever it is connected or lost. Connects anew until stopped. */
export function follow(
  path: string,
  onMessage: (text: string) => void,
  onConnected: (isConnected: boolean) => void = () => {},
): Following {
  let socket: WebSocket
  let wait = shortest
  let retry: ReturnType<typeof setTimeout> | undefined
  const connect = () => {
    const url = urlOf(path)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const known = token()
    socket = new WebSocket(url, known === null ? [] : ['bearer', packedBearer(known)])
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      wait = shortest
      onConnected(true)
    }
    socket.onmessage = ({ data }) => onMessage(utf8.decode(data))
    socket.onclose = () => {
      onConnected(false)
      retry = setTimeout(connect, wait)
      wait = Math.min(2 * wait, longest)
    }
  }
  connect()
  return {
    stop() {
      clearTimeout(retry)
      socket.onclose = null
      socket.close()
    },
  }
}

const utf8 = new TextDecoder()
const shortest = 500
const longest = 10_000

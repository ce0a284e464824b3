import { RejoinError } from '../../errors/index.ts'
import { type Runtime, withDeadline } from '../../runtime/index.ts'
import { untilAborted } from '../remote/index.ts'
import { Channel } from './channel.ts'
import { dial, type SocketClass } from './dial.ts'

export interface ConnectingOptions {
  readonly url: string
  readonly token: string | (() => string | Promise<string>) | undefined
  readonly cluster: (() => Promise<string | undefined>) | undefined
  readonly WebSocket: SocketClass
  readonly timeout: number
  readonly idle: number
  readonly runtime: Runtime
}

/** The one connection, made when it is needed. */
export class Connecting {
  readonly #options: ConnectingOptions
  readonly #end = new AbortController()
  #channel: Promise<Channel> | undefined

  constructor(options: ConnectingOptions) {
    this.#options = options
  }

  channel(operation: string): Promise<Channel> {
    this.#channel ??= this.#connect(operation)
    return this.#channel
  }

  close(reason: Error): void {
    this.#end.abort(reason)
    this.#channel?.then(
      (channel) => channel.close(reason),
      () => {},
    )
  }

  #connect(operation: string): Promise<Channel> {
    const forget = () => {
      if (this.#channel === mine) this.#channel = undefined
    }
    const { runtime, timeout } = this.#options
    const late = () => wrong('timeout', operation, `no connection within ${timeout} ms`)
    const mine = withDeadline(runtime, timeout, this.#end.signal, late, (signal) =>
      untilAborted(signal, this.#open(operation, signal, forget)),
    )
    mine.catch(forget)
    return mine
  }

  async #open(operation: string, signal: AbortSignal, onOver: () => void): Promise<Channel> {
    const { url, WebSocket, runtime, idle } = this.#options
    const asked = { operation, url }
    const token = await untilAborted(signal, this.#token())
    const cluster = await untilAborted(signal, this.#cluster())
    const socket = await dial({ ...asked, WebSocket, token, cluster }, signal)
    const channel = new Channel(socket, { ...asked, runtime, idle, onOver })
    const stop = () => channel.close(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    await channel.ready
    signal.removeEventListener('abort', stop)
    return channel
  }

  async #cluster(): Promise<string | undefined> {
    return this.#options.cluster?.()
  }

  async #token(): Promise<string | undefined> {
    const { token } = this.#options
    if (typeof token !== 'function') return token
    try {
      return await token()
    } catch (cause) {
      throw RejoinError.from(cause, { operation: 'token', component, code: 'unauthorized' })
    }
  }
}

/** What ends with the transport, or was never there in time. */
export function wrong(code: 'closed' | 'timeout', operation: string, message: string): RejoinError {
  return new RejoinError(code, message, { operation, component })
}

const component = 'transport/websocket'

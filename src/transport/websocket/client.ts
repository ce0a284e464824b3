import type { ChangePage, LiveWant, Transport } from '../../contracts/index.ts'
import {
  fields,
  optionalFunction,
  timerTime,
  unwantedSecret,
  wholeNumber,
} from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import {
  defaultEventLimits,
  type EventLimits,
  eventLimitsOf,
  type LogEvent,
} from '../../event/index.ts'
import { type Runtime, systemRuntime, withDeadline } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'
import { Calls, untilAborted } from '../remote/index.ts'
import { socketAddress } from './address.ts'
import { Channel } from './channel.ts'
import { type ClientCall, callOn, helloCall, pullCall, pushCall } from './client-calls.ts'
import { dial, type SocketClass } from './dial.ts'
import { IncomingPages } from './incoming-pages.ts'

/** Where a remote log's WebSocket is and how it is used. */
export interface WebSocketTransportOptions {
  /** Such as `wss://example.org/sync/ws`; without a path, `/sync/ws` is meant. */
  readonly url: string | URL
  /** A bearer token; a function is asked at each connection. It travels as a subprotocol. */
  readonly token?: string | (() => string | Promise<string>)
  /** Default: the global one. */
  readonly WebSocket?: SocketClass
  /** Milliseconds for one call, the connection it may need included. Default 30,000. */
  readonly timeout?: number
  /** Milliseconds without calls and subscriptions after which the connection is closed. Default 5,000. */
  readonly idle?: number
  /** Bytes of a subscription that may come before they are taken. Default 1 MiB, and no more than the remote gives. */
  readonly creditBytes?: number
  readonly limits?: { readonly event?: Partial<EventLimits> }
  readonly runtime?: Runtime
}

/**
 * A transport to a log that another process serves over a WebSocket. One connection carries all calls, which
 * run side by side; it is opened by the first that needs it, and again after it was lost. Each rejects with
 * its signal's reason when that aborts, otherwise with a `RejoinError`: `network`, `timeout`, `unavailable`
 * (with `details.retryAfter`, milliseconds, when the remote said so), `unauthorized`, `forbidden`,
 * `too_large`, `protocol`, and `closed` after `close`, which also ends what is under way. Throws
 * `invalid_argument`, naming the option, for options that make no sense.
 */
export function webSocketTransport(options: WebSocketTransportOptions): Transport<LogEvent> {
  const checked = checkedOptions(options)
  const { url, runtime, timeout, creditBytes, event } = checked
  const connection = new Connecting(checked)
  const component = 'transport/websocket'
  const calls = new Calls({ runtime, component, timeout })

  const run = <T>(call: ClientCall<T>, outer: AbortSignal | undefined) =>
    calls.run(call.operation, outer, async (signal) => {
      const { operation } = call
      const channel = await untilAborted(signal, connection.channel(operation))
      const context = { operation, url, runtime, limits: event }
      return callOn(channel, call, context, signal)
    })

  async function* pagesOf(
    after: Cursor,
    want: LiveWant,
    signal: AbortSignal,
  ): AsyncGenerator<ChangePage<LogEvent>, void> {
    const operation = 'subscribe'
    const channel = await untilAborted(signal, connection.channel(operation))
    signal.throwIfAborted()
    const credit = Math.min(creditBytes, channel.limits.credit)
    const context = { operation, url, runtime, limits: event }
    const pages = new IncomingPages(channel, { after, want, credit, context })
    const stop = () => pages.stop(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      for (;;) {
        const page = await pages.next()
        yield page
        if (page.kind === 'reset') return
      }
    } finally {
      signal.removeEventListener('abort', stop)
      pages.stop()
    }
  }

  const close = async () => {
    await calls.close()
    connection.close(wrong('closed', 'close', 'the transport was closed during the call'))
  }
  return {
    hello: (mine, signal) => run(helloCall(mine), signal),
    push: (batch, signal) => run(pushCall(batch), signal),
    pull: (after, want, signal) => run(pullCall(after, want), signal),
    subscribe: (after, want, signal) =>
      calls.stream('subscribe', signal, (inner) => pagesOf(after, want, inner)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface Checked {
  readonly url: string
  readonly token: WebSocketTransportOptions['token']
  readonly WebSocket: SocketClass
  readonly timeout: number
  readonly idle: number
  readonly creditBytes: number
  readonly event: EventLimits
  readonly runtime: Runtime
}

/** The one connection, made when it is needed. */
class Connecting {
  readonly #options: Checked
  readonly #end = new AbortController()
  #channel: Promise<Channel> | undefined

  constructor(options: Checked) {
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
    const socket = await dial({ ...asked, WebSocket, token }, signal)
    const channel = new Channel(socket, { ...asked, runtime, idle, onOver })
    const stop = () => channel.close(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    await channel.ready
    signal.removeEventListener('abort', stop)
    return channel
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

function checkedOptions(options: WebSocketTransportOptions): Checked {
  const { token, timeout = 30_000, idle = 5_000, limits = {} } = fields('options', options, opening)
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function')
    throw unwantedSecret('token', token, 'a string, or a function that gives one', opening)
  optionalFunction('WebSocket', options.WebSocket, opening)
  const { event } = fields('limits', limits, opening)
  return {
    url: socketAddress(options.url),
    token,
    WebSocket: options.WebSocket ?? WebSocket,
    timeout: timerTime('timeout', timeout, opening),
    idle: timerTime('idle', idle, opening),
    creditBytes: wholeNumber('creditBytes', options.creditBytes ?? 1024 * 1024, opening, {
      from: 1,
    }),
    event: event === undefined ? defaultEventLimits : eventLimitsOf(event, opening, 'limits.event'),
    runtime: options.runtime ?? systemRuntime,
  }
}

function wrong(code: 'closed' | 'timeout', operation: string, message: string): RejoinError {
  return new RejoinError(code, message, { operation, component })
}

const component = 'transport/websocket'
const opening = { operation: 'open', component }

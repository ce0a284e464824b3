import type { ChangePage, LiveWant, Transport } from '../../contracts/index.ts'
import {
  type Known,
  optionalFunction,
  timerTime,
  unwantedSecret,
  wholeNumber,
} from '../../errors/check.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'
import { Calls, type ChangeForm, type Sized, untilAborted } from '../remote/index.ts'
import { socketAddress } from './address.ts'
import { type ClientCall, callOn, helloCall, pullCall, pushCall } from './client-calls.ts'
import { Connecting, type ConnectingOptions, wrong } from './connecting.ts'
import type { SocketClass } from './dial.ts'
import { IncomingPages } from './incoming-pages.ts'

/** How a remote's WebSocket is used, whatever the remote holds. */
export interface NativeSocketOptions {
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
  readonly runtime?: Runtime
}

export const nativeSocketOptionNames: Known<NativeSocketOptions> = {
  token: true,
  WebSocket: true,
  timeout: true,
  idle: true,
  creditBytes: true,
  runtime: true,
}

/** What is called. */
export interface Called<C extends Sized> {
  readonly url: string | URL
  /** The path of an address that has none. */
  readonly home: string
  readonly form: (runtime: Runtime) => ChangeForm<C>
  /** Asked at each connection: the name of the cluster that this server is of. */
  readonly cluster?: () => Promise<string | undefined>
}

/** A transport to a remote over a WebSocket. Throws `invalid_argument` for options that make no sense. */
export function nativeSocketTransport<C extends Sized>(
  called: Called<C>,
  options: NativeSocketOptions,
): Transport<C> {
  const checked = checkedOptions(called, options)
  const { url, runtime, timeout, creditBytes } = checked
  const form = called.form(runtime)
  const connection = new Connecting(checked)
  const calls = new Calls({ runtime, component, timeout })

  const run = <T>(call: ClientCall<T, C>, outer: AbortSignal | undefined) =>
    calls.run(call.operation, outer, async (signal) => {
      const { operation } = call
      const channel = await untilAborted(signal, connection.channel(operation))
      return callOn(channel, call, { operation, url, form }, signal)
    })

  async function* pagesOf(
    after: Cursor,
    want: LiveWant<C>,
    signal: AbortSignal,
  ): AsyncGenerator<ChangePage<C>, void> {
    const operation = 'subscribe'
    const channel = await untilAborted(signal, connection.channel(operation))
    signal.throwIfAborted()
    const credit = Math.min(creditBytes, channel.limits.credit)
    const context = { operation, url, form }
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
    push: (batch, signal) => run(pushCall(batch, form), signal),
    pull: (after, want, signal) => run(pullCall(after, want), signal),
    subscribe: (after, want, signal) =>
      calls.stream('subscribe', signal, (inner) => pagesOf(after, want, inner)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function checkedOptions<C extends Sized>(
  { url, home, cluster }: Called<C>,
  options: NativeSocketOptions,
): ConnectingOptions & { readonly creditBytes: number } {
  const { token, timeout = 30_000, idle = 5_000, creditBytes = 1024 * 1024 } = options
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function')
    throw unwantedSecret('token', token, 'a string, or a function that gives one', opening)
  optionalFunction('WebSocket', options.WebSocket, opening)
  return {
    url: socketAddress(url, home),
    token,
    cluster,
    WebSocket: options.WebSocket ?? WebSocket,
    timeout: timerTime('timeout', timeout, opening),
    idle: timerTime('idle', idle, opening),
    creditBytes: wholeNumber('creditBytes', creditBytes, opening, { from: 1 }),
    runtime: options.runtime ?? systemRuntime,
  }
}

const component = 'transport/websocket'
const opening = { operation: 'open', component }

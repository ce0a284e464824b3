import {
  abortSignal,
  aFunction,
  fields,
  type Known,
  optionalFunction,
  optionalLogger,
  optionalRuntime,
  timerTime,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { stateAddress } from './address.ts'
import { ConnectedState } from './connected-state.ts'
import type { SocketClass } from './live/socket.ts'
import { memoryQueue, type OfflineOptions } from './queue/queue-storage.ts'
import { Requests } from './rest/requests.ts'
import { Token, type TokenSource } from './rest/token.ts'
import type { StateClient } from './state-client.ts'
import { at } from './where.ts'

export interface ConnectOptions {
  /** A bearer token; a function is asked for each request and connection. */
  readonly token?: TokenSource
  /** Default: the global one. */
  readonly fetch?: typeof fetch
  readonly WebSocket?: SocketClass
  /** Milliseconds for one request, and for a WebSocket to open. Default 30,000. */
  readonly timeout?: number
  /**
   * Milliseconds after which a subscription that was told nothing connects anew, because a connection that is
   * dead may look like one that is quiet. Default 150,000.
   */
  readonly quiet?: number
  /** Most bytes of one answer. Default 64 MiB. */
  readonly answerBytes?: number
  /** Writes that can't be sent wait, and are sent in their order. Without it they reject with `network`. */
  readonly offline?: OfflineOptions
  /** Told what the application's own functions throw. */
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Closes the client. */
  readonly signal?: AbortSignal
}

/**
 * A client of the state server at `url`: `http`, `https`, `ws` or `wss`; keys begin below its path. Nothing is
 * sent until it is asked for something. Throws `invalid_argument`, naming the option, for what makes no sense.
 */
export function connectState(url: string | URL, options: ConnectOptions = {}): StateClient {
  const where = at('open')
  const { fetch = globalThis.fetch, WebSocket = globalThis.WebSocket } = fields(
    'options',
    options,
    where,
    connectOptionNames,
  )
  const {
    timeout = 30_000,
    quiet = 150_000,
    answerBytes = 64 * 1024 * 1024,
    offline,
    signal,
  } = options
  const { logger = silentLogger, runtime = systemRuntime } = options
  const { http, ws } = stateAddress(url)
  aFunction('fetch', fetch, where)
  optionalFunction('WebSocket', options.WebSocket, where)
  timerTime('timeout', timeout, where)
  timerTime('quiet', quiet, where)
  wholeNumber('answerBytes', answerBytes, where, { from: 1 })
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  abortSignal(signal, where)
  const token = new Token(options.token)
  const requests = new Requests({ base: http, fetch, token, timeout, answerBytes, runtime })
  const live = { ws, requests, token, WebSocket, timeout, quiet, logger, runtime }
  const close = () => void client.close()
  const onClose = () => signal?.removeEventListener('abort', close)
  const client = new ConnectedState(live, offline && checkedOffline(offline), onClose)
  if (signal?.aborted) close()
  signal?.addEventListener('abort', close, { once: true })
  return client
}

function checkedOffline(given: OfflineOptions): Required<OfflineOptions> {
  const where = at('open')
  const {
    onRefused,
    storage = memoryQueue(),
    most = 1_000,
  } = fields('offline', given, where, offlineOptionNames)
  aFunction('offline.onRefused', onRefused, where)
  wholeNumber('offline.most', most, where, { from: 1 })
  const wanted = 'something with all, add and remove'
  withMethods('offline.storage', storage, ['all', 'add', 'remove'], wanted, where)
  return { onRefused, storage, most }
}

const offlineOptionNames: Known<OfflineOptions> = { onRefused: true, storage: true, most: true }

const connectOptionNames: Known<ConnectOptions> = {
  token: true,
  fetch: true,
  WebSocket: true,
  timeout: true,
  quiet: true,
  answerBytes: true,
  offline: true,
  logger: true,
  runtime: true,
  signal: true,
}

import { patternProblem } from '../../contracts/index.ts'
import {
  fields,
  type Known,
  optionalFunction,
  optionalLogger,
  optionalRuntime,
  text,
  timerTime,
  trueOrFalse,
  unwanted,
  wholeNumber,
  withMethods,
} from '../../errors/check.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { httpLimits } from '../../transport/http/limits.ts'
import { at } from '../check-calls.ts'
import type { State } from '../state.ts'
import type { CorsOptions } from './cors.ts'
import type { StateEndpoint } from './endpoint.ts'
import { checkEndpoints } from './endpoints.ts'
import type { StateFilter } from './filter.ts'
import { checkFilters } from './filters.ts'
import { checkProxies, type ProxyResolver, type StateProxy } from './proxy/proxies.ts'
import { clusterNames, noCluster, type ServedCluster } from './served-cluster.ts'

/** How a tree is served; checked as a whole. */
export interface StateServerOptions {
  /** Told at `/?api=info`. Default `rejoin`. */
  readonly name?: string
  /** What requests to paths under a pattern have to pass. */
  readonly filters?: Readonly<Record<string, StateFilter>>
  /** Serves only what a filter covers. Default false. */
  readonly static?: boolean
  /** Before a path or pattern is read or subscribed to; what it throws refuses that. */
  readonly beforeRead?: (path: string) => unknown
  /** Before a subscription begins; what it throws refuses it. */
  readonly onSubscribe?: (path: string, request: Request) => unknown
  /** Once for each subscription that `onSubscribe` let begin, when it is over or did not come about. */
  readonly onUnsubscribe?: (path: string) => unknown
  /** Routes of your own by path, such as `/things/{id}`: before all keys, whatever a filter says of them. */
  readonly endpoints?: Readonly<Record<string, StateEndpoint>>
  /** Paths that stand in other state servers, by path or pattern: no filter of this one is asked about them. */
  readonly proxies?: Readonly<Record<string, StateProxy | ProxyResolver>>
  /** This server's part in a cluster: reads are brought level, and their answers tell how fresh they are. */
  readonly cluster?: ServedCluster
  /** When the server is closed: before its subscriptions end. */
  readonly beforeClose?: (signal: AbortSignal) => unknown
  /** After that. */
  readonly afterClose?: (signal: AbortSignal) => unknown
  /** Milliseconds that each of the two may take; then its signal aborts and closing goes on. Default 5,000. */
  readonly closeBudget?: number
  /** Around every request that is not for a WebSocket. */
  readonly middleware?: Middleware
  readonly cors?: CorsOptions
  /** A page at `/` that shows all of this to people, for who asks with a browser. Default true. */
  readonly ui?: boolean
  /** The largest body, in bytes, before and after unpacking; a larger one gets 413. Default 10 MiB. */
  readonly bodyBytes?: number
  /** Milliseconds in which a request must be answered; then it gets 503, or 408 for its body. Default 10,000. */
  readonly deadline?: number
  /** Subscribers get patches even when a snapshot would be smaller. Default false. */
  readonly forcePatch?: boolean
  /** Subscribers get only snapshots. Default false. */
  readonly noPatch?: boolean
  /** Patterns of paths whose changes are told to subscribers only together with another change. */
  readonly noBroadcastKeys?: readonly string[]
  /** Milliseconds between two pings. Default 60,000. */
  readonly ping?: number
  /** Milliseconds after which a subscriber that gave no sign of life is dropped. Default 150,000. */
  readonly silence?: number
  /** Bytes on their way to one subscriber, beyond which it is passed over until they are gone. Default 1 MiB. */
  readonly unsentBytes?: number
  /** The same of all together, beyond which the slowest is dropped. Default 256 MiB. */
  readonly allUnsentBytes?: number
  /** Milliseconds for which a subscriber may be passed over before it is dropped. Default 30,000. */
  readonly stall?: number
  readonly logger?: Logger
  readonly runtime?: Runtime
}

export type Middleware = (
  request: Request,
  next: (request: Request) => Promise<Response>,
) => Response | Promise<Response>

export function checkedOptions(state: State, options: StateServerOptions) {
  withMethods('state', state, ['snapshot', 'observe'], 'what openState resolves with', where)
  const given = fields('options', options, where, stateServerOptionNames)
  const { name = 'rejoin', filters = {}, static: isStatic = false, cors = {} } = given
  const { beforeRead, onSubscribe, onUnsubscribe, middleware, beforeClose, afterClose } = given
  const { endpoints = {}, proxies = {}, cluster } = given
  if (cluster !== undefined)
    withMethods(
      'cluster',
      cluster,
      ['beforeRead', 'headers', 'shown'],
      'what servedCluster gives',
      where,
    )
  const hooks = { beforeRead, onSubscribe, onUnsubscribe, middleware, beforeClose, afterClose }
  const { logger = silentLogger, runtime = systemRuntime, noBroadcastKeys = [] } = given
  text('name', name, where)
  for (const [key, one] of Object.entries(hooks)) optionalFunction(key, one, where)
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  const bodyBytes = size('bodyBytes', given.bodyBytes, 10 * mebibyte)
  const deadline = time('deadline', given.deadline, 10_000)
  return {
    name,
    filters: checkFilters(filters, where),
    isStatic: trueOrFalse('static', isStatic, where),
    ui: trueOrFalse('ui', given.ui ?? true, where),
    ...hooks,
    endpoints: checkEndpoints(endpoints, where),
    proxies: checkProxies(proxies, where),
    cluster: cluster ?? noCluster,
    reserved: cluster === undefined ? [] : clusterNames,
    closeBudget: time('closeBudget', given.closeBudget, 5_000),
    cors: checkedCors(cors),
    deadline,
    limits: httpLimits({
      bodyBytes,
      unpackedBytes: bodyBytes,
      bodyTime: deadline,
      bodyIdle: deadline,
      bufferedBytes: Math.max(64 * mebibyte, 2 * bodyBytes),
    }),
    forcePatch: trueOrFalse('forcePatch', given.forcePatch ?? false, where),
    noPatch: trueOrFalse('noPatch', given.noPatch ?? false, where),
    silent: patterns('noBroadcastKeys', noBroadcastKeys),
    ping: time('ping', given.ping, 60_000),
    silence: time('silence', given.silence, 150_000),
    stall: time('stall', given.stall, 30_000),
    unsentBytes: size('unsentBytes', given.unsentBytes, mebibyte),
    allUnsentBytes: size('allUnsentBytes', given.allUnsentBytes, 256 * mebibyte),
    logger,
    runtime,
  }
}

function checkedCors(cors: CorsOptions): CorsOptions {
  const { origins = [], headers = [], maxAge = 0 } = fields('cors', cors, where, corsOptionNames)
  const isList = Array.isArray(origins) && origins.every((one) => URL.parse(one)?.origin === one)
  if (origins !== '*' && !isList)
    throw unwanted('cors.origins', origins, '"*" or a list such as https://app.example.org', where)
  if (!Array.isArray(headers) || !headers.every((one) => /^[A-Za-z0-9-]+$/.test(one)))
    throw unwanted('cors.headers', headers, 'a list of names', where)
  wholeNumber('cors.maxAge', maxAge, where)
  return cors
}

function patterns(name: string, given: readonly string[]): readonly string[] {
  if (!Array.isArray(given)) throw unwanted(name, given, 'a list of paths or patterns', where)
  for (const one of given) {
    const problem = patternProblem(one, [])
    if (problem !== undefined) throw unwanted(name, one, `a path or pattern: it ${problem}`, where)
  }
  return given
}

function size(name: string, given: number | undefined, otherwise: number): number {
  return wholeNumber(name, given ?? otherwise, where, { from: 1 })
}

function time(name: string, given: number | undefined, otherwise: number): number {
  return timerTime(name, given ?? otherwise, where)
}

const mebibyte = 1024 * 1024
const where = at('serve')

const corsOptionNames: Known<CorsOptions> = { origins: true, headers: true, maxAge: true }

const stateServerOptionNames: Known<StateServerOptions> = {
  name: true,
  filters: true,
  static: true,
  beforeRead: true,
  onSubscribe: true,
  onUnsubscribe: true,
  endpoints: true,
  proxies: true,
  cluster: true,
  beforeClose: true,
  afterClose: true,
  closeBudget: true,
  middleware: true,
  cors: true,
  ui: true,
  bodyBytes: true,
  deadline: true,
  forcePatch: true,
  noPatch: true,
  noBroadcastKeys: true,
  ping: true,
  silence: true,
  unsentBytes: true,
  allUnsentBytes: true,
  stall: true,
  logger: true,
  runtime: true,
}
